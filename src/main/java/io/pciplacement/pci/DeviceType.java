package io.pciplacement.pci;

/** What a PCI function is to SR-IOV: a plain device, a physical function, or a virtual function of one. */
public enum DeviceType {
    PCI,
    PF,
    VF
}
