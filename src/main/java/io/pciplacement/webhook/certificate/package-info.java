/** Controller that creates and renews the webhook's certificate without Helm or cert-manager. */
@NullMarked
package io.pciplacement.webhook.certificate;

import org.jspecify.annotations.NullMarked;
