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
 * A server's key manager whose certificate can be replaced while connections arrive: each handshake uses the newest.
 *
 * <p>Vert.x's {@code updateSSLOptions} refuses every connection that arrives before it has finished.
 */
final class ReloadableKeyManager extends X509ExtendedKeyManager {

    private static final char SEPARATOR = ':';

    /**
     * One certificate with its key.
     *
     * @param number in the order of replacement; a part of every alias, because a handshake asks for the certificate
     *     and for the key one after the other
     * @param before what it replaced, for handshakes that have begun
     */
    private record Version(
            long number,
            X509ExtendedKeyManager manager,
            @Nullable Version before) {

        @Nullable String alias(@Nullable String own) {
            return own == null ? null : number + String.valueOf(SEPARATOR) + own;
        }
    }

    private volatile Version current;

    ReloadableKeyManager(KeyManagerFactory factory) {
        this.current = new Version(0, manager(factory), null);
    }

    /** Uses another certificate from now on. */
    synchronized void replace(KeyManagerFactory factory) {
        Version before = current;
        current = new Version(before.number + 1, manager(factory), new Version(before.number, before.manager, null));
    }

    private static X509ExtendedKeyManager manager(KeyManagerFactory factory) {
        for (var manager : factory.getKeyManagers()) {
            if (manager instanceof X509ExtendedKeyManager found) {
                return found;
            }
        }
        throw new IllegalArgumentException("no X.509 key manager in " + factory.getAlgorithm());
    }

    /** Asks the version that gave an alias; null where that has been replaced twice since. */
    private <T> @Nullable T ask(@Nullable String alias, BiFunction<X509ExtendedKeyManager, String, T> question) {
        int end = alias == null ? -1 : alias.indexOf(SEPARATOR);
        if (alias == null || end < 0) {
            return null;
        }
        String number = alias.substring(0, end);
        for (Version version = current; version != null; version = version.before) {
            if (number.equals(String.valueOf(version.number))) {
                return question.apply(version.manager, alias.substring(end + 1));
            }
        }
        return null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(@Nullable String alias) {
        return ask(alias, X509ExtendedKeyManager::getCertificateChain);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(@Nullable String alias) {
        return ask(alias, X509ExtendedKeyManager::getPrivateKey);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
        Version version = current;
        return version.alias(version.manager.chooseEngineServerAlias(keyType, issuers, engine));
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        Version version = current;
        return version.alias(version.manager.chooseServerAlias(keyType, issuers, socket));
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
