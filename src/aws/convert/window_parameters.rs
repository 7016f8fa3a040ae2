use aws_sdk_ssm::types as sdk;

use super::built;
use super::member::{Convert, filled, received, values};
use crate::error::Result;
use crate::schedule::window::{
    DocumentHashType, LoggingInfo, MaintenanceWindowAutomationParameters,
    MaintenanceWindowLambdaParameters, MaintenanceWindowRunCommandParameters,
    MaintenanceWindowStepFunctionsParameters, MaintenanceWindowTaskInvocationParameters,
    MaintenanceWindowTaskParameterValueExpression,
};

values!(DocumentHashType = DocumentHashType);

received! {
    sdk::MaintenanceWindowTaskInvocationParameters => MaintenanceWindowTaskInvocationParameters {
        run_command, automation, step_functions, lambda
    }
    sdk::MaintenanceWindowRunCommandParameters => MaintenanceWindowRunCommandParameters {
        comment, cloud_watch_output_config, document_hash, document_hash_type, document_version,
        notification_config, output_s3_bucket_name, output_s3_key_prefix, parameters,
        service_role_arn, timeout_seconds
    }
    sdk::MaintenanceWindowAutomationParameters => MaintenanceWindowAutomationParameters {
        document_version, parameters
    }
    sdk::MaintenanceWindowStepFunctionsParameters => MaintenanceWindowStepFunctionsParameters {
        input, name
    }
    sdk::MaintenanceWindowLambdaParameters => MaintenanceWindowLambdaParameters {
        client_context, qualifier, payload
    }
    sdk::MaintenanceWindowTaskParameterValueExpression
        => MaintenanceWindowTaskParameterValueExpression { values }
    sdk::LoggingInfo => LoggingInfo {
        s3_key_prefix
        ; always s3_bucket_name, s3_region
    }
}

/// Writes structures of ours into the SDK's.
macro_rules! sent {
    ($( $ours:ident { $( $field:ident => $set:ident ),+ $(,)? } )+) => { $(
        impl Convert<sdk::$ours> for $ours {
            fn convert(self) -> Result<sdk::$ours> {
                Ok(filled!(sdk::$ours::builder(), self => $ours { $( $field => $set ),+ }).build())
            }
        }
    )+ };
}

sent! {
    MaintenanceWindowTaskInvocationParameters {
        run_command => set_run_command,
        automation => set_automation,
        step_functions => set_step_functions,
        lambda => set_lambda,
    }
    MaintenanceWindowRunCommandParameters {
        comment => set_comment,
        cloud_watch_output_config => set_cloud_watch_output_config,
        document_hash => set_document_hash,
        document_hash_type => set_document_hash_type,
        document_version => set_document_version,
        notification_config => set_notification_config,
        output_s3_bucket_name => set_output_s3_bucket_name,
        output_s3_key_prefix => set_output_s3_key_prefix,
        parameters => set_parameters,
        service_role_arn => set_service_role_arn,
        timeout_seconds => set_timeout_seconds,
    }
    MaintenanceWindowAutomationParameters {
        document_version => set_document_version,
        parameters => set_parameters,
    }
    MaintenanceWindowStepFunctionsParameters {
        input => set_input,
        name => set_name,
    }
    MaintenanceWindowLambdaParameters {
        client_context => set_client_context,
        qualifier => set_qualifier,
        payload => set_payload,
    }
    MaintenanceWindowTaskParameterValueExpression {
        values => set_values,
    }
}

impl Convert<sdk::LoggingInfo> for LoggingInfo {
    fn convert(self) -> Result<sdk::LoggingInfo> {
        built(
            filled!(sdk::LoggingInfo::builder(), self => LoggingInfo {
                s3_bucket_name => set_s3_bucket_name,
                s3_key_prefix => set_s3_key_prefix,
                s3_region => set_s3_region,
            })
            .build(),
        )
    }
}
