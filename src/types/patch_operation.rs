use super::string_enum;

string_enum! {
    /// The operation of the patch document.
    pub enum PatchOperation {
        /// Compares the node with its baseline. Installs nothing and does not reboot.
        Scan = "Scan",
        /// Scans, installs what is missing, and scans again.
        Install = "Install",
    }
}

string_enum! {
    /// Whether an Install reboots the node.
    pub enum RebootOption {
        /// Reboots if at least one patch was installed, or if an earlier patch waits for a reboot.
        RebootIfNeeded = "RebootIfNeeded",
        /// Never reboots; new patches stay InstalledPendingReboot, and the node non-compliant, until
        /// a reboot and a scan.
        NoReboot = "NoReboot",
    }
}
