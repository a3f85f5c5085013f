package io.pciplacement.api.v1alpha1;

/** The API group and version of the three kinds. */
public final class ApiConstants {

    public static final String GROUP = "pciplacement.io";
    public static final String VERSION = "v1alpha1";

    private ApiConstants() {}
}
