package io.pciplacement.webhook.certificate;

/** Event that is fired when the certificate file of the webhook has changed. */
public record CertificateChangedEvent() {}
