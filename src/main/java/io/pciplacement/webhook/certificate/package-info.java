/** The webhook's certificate, where the operators make and renew it themselves: no helm, no cert-manager needed. */
@NullMarked
package io.pciplacement.webhook.certificate;

import org.jspecify.annotations.NullMarked;
