use crate::types::shape;

shape! {
    /// Where the output of an association goes.
    pub struct InstanceAssociationOutputLocation {
        /// The bucket.
        pub s3_location: Option<S3OutputLocation>,
    }
}

shape! {
    /// A place in a bucket.
    pub struct S3OutputLocation {
        /// The bucket's region.
        pub output_s3_region: Option<String>,
        /// The bucket.
        pub output_s3_bucket_name: Option<String>,
        /// The key prefix in it.
        pub output_s3_key_prefix: Option<String>,
    }
}

shape! {
    /// Where the output of an association went.
    pub struct InstanceAssociationOutputUrl {
        /// The place in the bucket.
        pub s3_output_url: Option<S3OutputUrl>,
    }
}

shape! {
    /// The address of an object in a bucket.
    pub struct S3OutputUrl {
        /// The address.
        pub output_url: Option<String>,
    }
}
