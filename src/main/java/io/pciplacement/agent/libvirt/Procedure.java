package io.pciplacement.agent.libvirt;

/** Calls of libvirt's remote protocol, with the numbers of {@code remote_protocol.x}. */
enum Procedure {
    CONNECT_OPEN(1),
    DOMAIN_GET_XML_DESC(14),
    AUTH_LIST(66),
    AUTH_POLKIT(70),
    CONNECT_GET_LIB_VERSION(157),
    CONNECT_LIST_ALL_DOMAINS(273),
    CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY(316);

    final int number;

    Procedure(int number) {
        this.number = number;
    }
}
