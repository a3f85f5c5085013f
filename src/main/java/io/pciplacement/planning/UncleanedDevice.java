package io.pciplacement.planning;

import org.jspecify.annotations.Nullable;

/**
 * Record of a one-time-use device that has been used, or may have been used, and has not been cleaned since. It
 * outlives the provider, so that a device whose provider is recreated starts reserved.
 *
 * @param confirmation value of the device's cleaning annotation when the use was recorded, null if there was none: only
 *     another value confirms that the device was cleaned after that use
 * @param reserved units of the provider's inventory that an administrator had reserved; they stay reserved after the
 *     cleaning
 */
public record UncleanedDevice(@Nullable String confirmation, int reserved) {}
