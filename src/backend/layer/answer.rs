use std::any::Any;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::Call;
use crate::backend::{Operation, Request};
use crate::error::{Error, ErrorKind, Result};

/// The answer of any operation.
pub struct Answer {
    operation: Operation,
    value: Box<dyn AnyAnswer>,
}

impl Answer {
    /// The answer to a request of this type.
    ///
    /// ```
    /// use aws_patch_manager::backend::RegisterDefaultPatchBaseline;
    /// use aws_patch_manager::backend::layer::Answer;
    /// use aws_patch_manager::types::BaselineId;
    ///
    /// let id = BaselineId::new("pb-0123456789abcdef0");
    /// let answer = Answer::new::<RegisterDefaultPatchBaseline>(id.clone());
    /// assert_eq!(answer.get::<RegisterDefaultPatchBaseline>(), Some(&id));
    /// ```
    pub fn new<R: Request>(answer: R::Answer) -> Self {
        Self {
            operation: R::OPERATION,
            value: Box::new(answer),
        }
    }

    /// The operation that it answers.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The answer, if it is for a request of this type.
    pub fn get<R: Request>(&self) -> Option<&R::Answer> {
        let answers = self.operation == R::OPERATION;
        answers
            .then(|| self.value.as_any().downcast_ref())
            .flatten()
    }

    /// The same as an owned value.
    ///
    /// # Errors
    ///
    /// [`InvalidResponse`](ErrorKind::InvalidResponse) if it is the answer of another operation.
    pub fn into<R: Request>(self) -> Result<R::Answer> {
        if self.operation == R::OPERATION
            && let Ok(answer) = self.value.into_any().downcast()
        {
            return Ok(*answer);
        }
        Err(other_answer(self.operation, R::OPERATION))
    }

    /// The answer to this call in AWS's JSON form.
    ///
    /// EC2 and IAM answer in XML. Their answers have the members that the AWS CLI prints.
    ///
    /// # Errors
    ///
    /// [`InvalidResponse`](ErrorKind::InvalidResponse) if it does not serialize.
    pub fn to_value(&self, call: &Call<'_>) -> Result<Value> {
        let plain = self.value.to_value().map_err(|error| {
            let message = format!("the answer does not serialize: {error}");
            Error::new(ErrorKind::InvalidResponse, message).with_operation(self.operation)
        })?;
        Ok(self.operation.answer_form().write(plain, &call.to_value()?))
    }
}

fn other_answer(answered: Operation, called: Operation) -> Error {
    let message = format!("a layer answered {called} with an answer to {answered}");
    Error::new(ErrorKind::InvalidResponse, message).with_operation(called)
}

impl Clone for Answer {
    fn clone(&self) -> Self {
        Self {
            operation: self.operation,
            value: self.value.clone_boxed(),
        }
    }
}

/// Shows only the operation: the answer can have secrets.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("operation", &self.operation)
            .finish_non_exhaustive()
    }
}

trait AnyAnswer: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
    fn clone_boxed(&self) -> Box<dyn AnyAnswer>;
    fn to_value(&self) -> serde_json::Result<Value>;
}

impl<T: Clone + Serialize + Send + Sync + 'static> AnyAnswer for T {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn clone_boxed(&self) -> Box<dyn AnyAnswer> {
        Box::new(self.clone())
    }

    fn to_value(&self) -> serde_json::Result<Value> {
        serde_json::to_value(self)
    }
}
