//! One HTTP client for the clients of several services, accounts and Regions.

use aws_config::SdkConfig;

/// The configuration, with an HTTP client if it had none: all SDK clients that are made of it share that
/// one.
///
/// Without it each SDK client makes an HTTP client of its own, with its own connections and its own copy of
/// the machine's certificates: for 200 accounts and 17 Regions some 10,000.
pub(crate) fn with_http_client(config: &SdkConfig) -> SdkConfig {
    #[cfg(feature = "default-https-client")]
    if config.http_client().is_none() {
        return config.to_builder().http_client(https_client()).build();
    }
    config.clone()
}

/// The HTTP client that the SDKs make by default.
#[cfg(feature = "default-https-client")]
fn https_client() -> aws_smithy_runtime_api::client::http::SharedHttpClient {
    use aws_smithy_http_client::proxy::ProxyConfig;
    use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
    use aws_smithy_http_client::{Builder, ConnectorBuilder};

    Builder::new().build_with_connector_fn(|settings, components| {
        let provider = Provider::Rustls(CryptoMode::AwsLc);
        let mut connector = ConnectorBuilder::default().tls_provider(provider);
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
        connector.set_proxy_config(Some(ProxyConfig::from_env()));
        connector.build()
    })
}
