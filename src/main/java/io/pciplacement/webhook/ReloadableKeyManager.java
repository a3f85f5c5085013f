package io.pciplacement.webhook;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.function.BiFunction;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Key manager of a server whose certificate can be replaced at run time: each handshake uses the newest one.
 *
 * <p>Vert.x's {@code updateSSLOptions} rejects every connection until it has finished.
 */
final class ReloadableKeyManager extends X509ExtendedKeyManager {

    private static final char SEPARATOR = ':';

    /**
     * One certificate with its key.
     *
     * @param number sequence number; part of every alias, because a handshake requests the certificate and the key
     *     separately
     * @param before the replaced version, for handshakes in progress
     */
    private record Version(
            long number,
            X509ExtendedKeyManager manager,
            @Nullable Version before) {

        @Nullable String numberedAlias(@Nullable String own) {
            return own == null ? null : number + String.valueOf(SEPARATOR) + own;
        }
    }

    private volatile Version current;

    ReloadableKeyManager(KeyManagerFactory factory) {
        this.current = new Version(0, findKeyManager(factory), null);
    }

    /** Replaces the certificate. */
    synchronized void replaceKey(KeyManagerFactory factory) {
        Version before = current;
        current = new Version(
                before.number + 1, findKeyManager(factory), new Version(before.number, before.manager, null));
    }

    private static X509ExtendedKeyManager findKeyManager(KeyManagerFactory factory) {
        for (var manager : factory.getKeyManagers()) {
            if (manager instanceof X509ExtendedKeyManager found) {
                return found;
            }
        }
        throw new IllegalArgumentException("no X.509 key manager in " + factory.getAlgorithm());
    }

    /** Queries the version that an alias belongs to; null if it has been replaced twice since. */
    private <T> @Nullable T queryVersion(@Nullable String alias, BiFunction<X509ExtendedKeyManager, String, T> query) {
        int end = alias == null ? -1 : alias.indexOf(SEPARATOR);
        if (alias == null || end < 0) {
            return null;
        }
        String number = alias.substring(0, end);
        for (Version version = current; version != null; version = version.before) {
            if (number.equals(String.valueOf(version.number))) {
                return query.apply(version.manager, alias.substring(end + 1));
            }
        }
        return null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(@Nullable String alias) {
        return queryVersion(alias, X509ExtendedKeyManager::getCertificateChain);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(@Nullable String alias) {
        return queryVersion(alias, X509ExtendedKeyManager::getPrivateKey);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
        Version version = current;
        return version.numberedAlias(version.manager.chooseEngineServerAlias(keyType, issuers, engine));
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        Version version = current;
        return version.numberedAlias(version.manager.chooseServerAlias(keyType, issuers, socket));
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal[] issuers) {
        return null;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal[] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket) {
        return null;
    }
}
