use super::string_enum;

string_enum! {
    /// What a run of the patch document does.
    pub enum PatchOperation {
        /// Compares the node with its baseline. Installs nothing, reboots nothing.
        Scan = "Scan",
        /// Scans, installs what is missing, and scans again.
        Install = "Install",
    }
}

string_enum! {
    /// Whether an Install reboots the node.
    pub enum RebootOption {
        /// Reboots if at least one patch was installed, or one installed before waits for a reboot.
        RebootIfNeeded = "RebootIfNeeded",
        /// Never; new patches stay InstalledPendingReboot, and the node non-compliant, until it was rebooted and scanned.
        NoReboot = "NoReboot",
    }
}
