package io.pciplacement.api.v1alpha1;

/** API group and version of the custom resources. */
public final class ApiConstants {

    public static final String GROUP = "pciplacement.io";
    public static final String VERSION = "v1alpha1";

    private ApiConstants() {}
}
