//! One route for each operation of the table: its request from JSON, the backend's answer to JSON.

use serde_json::Value;

use crate::backend::{Backend, Operation, Request, operations, request};
use crate::emulator::request::{Body, output};
use crate::error::Result;

macro_rules! define_routes {
    ($(
        $(#[$meta:meta])*
        $trait:ident, $field:ident, $mock:ident { $(
            $(#[$doc:meta])*
            $method:ident($request:ident) -> $answer:ty { $($row:tt)* }
        )* }
    )*) => {
        /// Runs an operation on its JSON input.
        pub(super) async fn answer(
            backend: &dyn Backend,
            operation: Operation,
            body: &Body,
        ) -> Result<Value> {
            match operation {
                $($(Operation::$request => route::<request::$request>(backend, body).await,)*)*
            }
        }
    };
}

operations!(define_routes);

async fn route<R: Request>(backend: &dyn Backend, body: &Body) -> Result<Value> {
    let input: R = body.input(R::OPERATION.required_members())?;
    let answer = output(&input.send(backend).await?)?;
    Ok(R::OPERATION.answer_form().write(answer, body.members()))
}
