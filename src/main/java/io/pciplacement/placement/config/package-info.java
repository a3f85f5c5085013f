/** Configuration of a cloud, read from {@code clouds.yaml} as openstacksdk reads it. */
@NullMarked
package io.pciplacement.placement.config;

import org.jspecify.annotations.NullMarked;
