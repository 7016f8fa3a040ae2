//! Resource data syncs.

use aws_sdk_ssm::types as sdk;

use super::member::{Convert, always, received, sent, values};
use crate::error::Result;
use crate::resource_data_sync::{
    LastResourceDataSyncStatus, ResourceDataSyncAwsOrganizationsSource,
    ResourceDataSyncDestinationDataSharing, ResourceDataSyncItem,
    ResourceDataSyncOrganizationSourceType, ResourceDataSyncOrganizationalUnit,
    ResourceDataSyncS3Destination, ResourceDataSyncS3Format, ResourceDataSyncSource,
    ResourceDataSyncSourceType, ResourceDataSyncSourceWithState, ResourceDataSyncType,
};

values!(
    LastResourceDataSyncStatus = LastResourceDataSyncStatus,
    ResourceDataSyncS3Format = ResourceDataSyncS3Format,
);

/// The SDK has these as texts.
macro_rules! texts {
    ($($ours:ident),+ $(,)?) => { $(
        impl Convert<$ours> for String {
            fn convert(self) -> Result<$ours> {
                Ok(self.into())
            }
        }

        impl Convert<String> for $ours {
            fn convert(self) -> Result<String> {
                Ok(self.as_str().to_owned())
            }
        }
    )+ };
}

texts!(
    ResourceDataSyncOrganizationSourceType,
    ResourceDataSyncSourceType,
    ResourceDataSyncType,
);

received! {
    sdk::ResourceDataSyncItem => ResourceDataSyncItem {
        sync_name, sync_type, sync_source, s3_destination, last_sync_time,
        last_successful_sync_time, sync_last_modified_time, last_status, sync_created_time,
        last_sync_status_message
    }
    sdk::ResourceDataSyncS3Destination => ResourceDataSyncS3Destination {
        bucket_name, prefix, sync_format, region, awskms_key_arn, destination_data_sharing
    }
    sdk::ResourceDataSyncDestinationDataSharing => ResourceDataSyncDestinationDataSharing {
        destination_data_sharing_type
    }
    sdk::ResourceDataSyncSourceWithState => ResourceDataSyncSourceWithState {
        source_type, aws_organizations_source, source_regions, state
        ; always include_future_regions, enable_all_ops_data_sources
    }
    sdk::ResourceDataSyncAwsOrganizationsSource => ResourceDataSyncAwsOrganizationsSource {
        organization_source_type, organizational_units
    }
    sdk::ResourceDataSyncOrganizationalUnit => ResourceDataSyncOrganizationalUnit {
        organizational_unit_id
    }
}

sent! {
    ResourceDataSyncS3Destination => sdk::ResourceDataSyncS3Destination {
        prefix => set_prefix, awskms_key_arn => set_awskms_key_arn,
        destination_data_sharing => set_destination_data_sharing
        ; always bucket_name => set_bucket_name, sync_format => set_sync_format,
        region => set_region
    }
    ResourceDataSyncDestinationDataSharing => sdk::ResourceDataSyncDestinationDataSharing {
        destination_data_sharing_type => set_destination_data_sharing_type
    }
    ResourceDataSyncSource => sdk::ResourceDataSyncSource {
        aws_organizations_source => set_aws_organizations_source
        ; always source_type => set_source_type, source_regions => set_source_regions,
        include_future_regions => set_include_future_regions,
        enable_all_ops_data_sources => set_enable_all_ops_data_sources
    }
    ResourceDataSyncAwsOrganizationsSource => sdk::ResourceDataSyncAwsOrganizationsSource {
        organizational_units => set_organizational_units
        ; always organization_source_type => set_organization_source_type
    }
    ResourceDataSyncOrganizationalUnit => sdk::ResourceDataSyncOrganizationalUnit {
        organizational_unit_id => set_organizational_unit_id
    }
}
