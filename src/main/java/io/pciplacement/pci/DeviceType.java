package io.pciplacement.pci;

/** SR-IOV role of a PCI function: a device without SR-IOV, a physical function (PF) or a virtual function (VF). */
public enum DeviceType {
    PCI,
    PF,
    VF
}
