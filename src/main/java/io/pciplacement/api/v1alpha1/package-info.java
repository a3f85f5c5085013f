/** Java types of the custom resources, which correspond to the CRDs in deploy/crds. */
@NullMarked
package io.pciplacement.api.v1alpha1;

import org.jspecify.annotations.NullMarked;
