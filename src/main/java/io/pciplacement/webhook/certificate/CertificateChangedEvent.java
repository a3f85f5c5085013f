package io.pciplacement.webhook.certificate;

/** Event: the file that the webhook is served with has another certificate. */
public record CertificateChangedEvent() {}
