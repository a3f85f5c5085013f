/** The three kinds as Java types, mirrors of deploy/crds, and their translation to and from the device model. */
@NullMarked
package io.pciplacement.api.v1alpha1;

import org.jspecify.annotations.NullMarked;
