//! The engine's port to the lender, filled by the adapter in `providers`.

use async_trait::async_trait;
use jieti_domain::lender::{Facts, LenderError, LenderRequest};
use jieti_engine::Lender;
use jieti_providers::lender::LenderCore;

/// Any adapter of `providers`, as the engine wants it.
pub struct Port<L>(pub L);

#[async_trait]
impl<L: LenderCore> Lender for Port<L> {
    async fn ask(&self, request: &LenderRequest) -> Result<Facts, LenderError> {
        self.0.call(request).await
    }
}
