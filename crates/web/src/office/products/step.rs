//! Steps: what a form changes of a product, one by one, each with the field that asked for it.

use souk_base::{
    AttributeValueId, CityId, DatedPriceId, Lang, MediaId, OfferId, ProductId, SellerId, VariantId,
};
use souk_commerce::media::{self, Stored};
use souk_commerce::offers::{self, NewDatedPrice, NewOffer, OfferChange, OfferState};
use souk_commerce::products::{self, NewVariant, ProductChange, ProductText, VariantChange};
use souk_commerce::stock::{self, NewWarehouse};
use souk_commerce::writes::Write;
use souk_commerce::{Conflict, Error, Result};

use crate::office::fields::Problems;
use crate::text::desk::Desk as Words;
use crate::text::fill;

/// One change, and where on the form it was asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) field: String,
    /// Where that field is, in words, such as a country; may be empty.
    pub(crate) place: String,
    pub(crate) change: Change,
}

/// One change of a product.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    Product(ProductChange),
    Text(ProductText),
    RemoveText(Lang),
    Values(Vec<AttributeValueId>),
    AddVariant(NewVariant),
    Variant(VariantId, VariantChange),
    RemoveVariant(VariantId),
    AddOffer(AddedOffer),
    Offer(OfferId, OfferChange),
    Stock(CountedStock),
    AddDatedPrice(OfferId, NewDatedPrice),
    RemoveDatedPrice(OfferId, DatedPriceId),
    AddPicture(Stored),
    OrderPictures(Vec<MediaId>),
    RemovePicture(MediaId),
    Delete,
}

/// An offer to be added with its stock.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AddedOffer {
    /// None for the one variant of a new product.
    pub(crate) variant: Option<VariantId>,
    /// All but the variant is used.
    pub(crate) terms: Terms,
    pub(crate) state: OfferState,
    /// Units by city.
    pub(crate) stock: Vec<(CityId, i32)>,
}

/// What a new offer asks, whatever variant it is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Terms {
    pub(crate) seller: Option<SellerId>,
    pub(crate) market: souk_base::MarketCode,
    pub(crate) minor: i64,
    pub(crate) list_minor: Option<i64>,
    pub(crate) preparation_minutes: Option<i32>,
}

/// Units of an offer that somebody counted anew.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct CountedStock {
    pub(crate) offer: OfferId,
    pub(crate) seller: SellerId,
    pub(crate) city: CityId,
    /// More or fewer than what the form showed: units that were sold meanwhile stay sold.
    pub(crate) more: i32,
}

/// Why a step could not be taken.
pub(crate) enum Stopped {
    /// Something the form can say beside a field.
    Problems(Problems),
    /// Something else.
    Error(souk_api::Error),
}

impl Step {
    /// Takes the step.
    pub(crate) async fn take(
        self,
        write: &mut Write,
        id: ProductId,
        words: &Words,
    ) -> std::result::Result<(), Stopped> {
        let (field, place) = (self.field, self.place);
        self.change.take(write, id).await.map_err(|error| match said(&error, words) {
            Some(text) => Stopped::Problems(Problems::of(&field, &place, text)),
            None => Stopped::Error(error.into()),
        })
    }
}

impl Change {
    async fn take(self, write: &mut Write, id: ProductId) -> Result<()> {
        match self {
            Change::Product(change) => products::update(write, id, change).await,
            Change::Text(text) => products::put_text(write, id, text).await,
            Change::RemoveText(lang) => products::remove_text(write, id, lang).await,
            Change::Values(values) => products::set_values(write, id, &values).await,
            Change::AddVariant(new) => products::add_variant(write, id, new).await.map(drop),
            Change::Variant(variant, change) => {
                products::update_variant(write, id, variant, change).await
            }
            Change::RemoveVariant(variant) => products::remove_variant(write, id, variant).await,
            Change::AddOffer(offer) => offer.add(write, id).await,
            Change::Offer(offer, change) => offers::update(write, offer, change).await,
            Change::Stock(counted) => counted.count(write).await,
            Change::AddDatedPrice(offer, new) => {
                offers::put_dated_price(write, offer, new).await.map(drop)
            }
            Change::RemoveDatedPrice(offer, dated) => {
                offers::remove_dated_price(write, offer, dated).await
            }
            Change::AddPicture(stored) => media::attach(write, id, &stored).await.map(drop),
            Change::OrderPictures(order) => media::reorder(write, id, &order).await,
            Change::RemovePicture(picture) => media::remove(write, picture).await.map(drop),
            Change::Delete => products::delete(write, id).await,
        }
    }
}

impl AddedOffer {
    async fn add(self, write: &mut Write, id: ProductId) -> Result<()> {
        let variant_id = match self.variant {
            Some(variant) => variant,
            None => first_variant(write, id).await?,
        };
        let terms = self.terms;
        let new = NewOffer {
            variant_id,
            seller_id: terms.seller,
            market: terms.market,
            minor: terms.minor,
            list_minor: terms.list_minor,
            preparation_minutes: terms.preparation_minutes,
        };
        let offer = offers::create(write, new).await?;
        if self.state == OfferState::Paused {
            let change = OfferChange { state: Some(self.state), ..OfferChange::default() };
            offers::update(write, offer, change).await?;
        }
        let seller = offers::get(write, offer).await?.seller_id;
        for (city, more) in self.stock {
            CountedStock { offer, seller, city, more }.count(write).await?;
        }
        Ok(())
    }
}

async fn first_variant(write: &mut Write, id: ProductId) -> Result<VariantId> {
    let product = products::get(write, id).await?;
    product.variants.first().map(|variant| variant.id).ok_or(Error::NotFound)
}

impl CountedStock {
    async fn count(self, write: &mut Write) -> Result<()> {
        let known = stock::warehouses(write)
            .await?
            .into_iter()
            .find(|warehouse| warehouse.city_id == self.city && warehouse.seller_id == self.seller);
        let warehouse = match known {
            Some(warehouse) => warehouse,
            None => {
                let new =
                    NewWarehouse { city_id: self.city, seller_id: Some(self.seller), name: None };
                stock::add_warehouse(write, new).await?
            }
        };
        stock::adjust(write, self.offer, warehouse.id, self.more).await.map(drop)
    }
}

/// A refusal in the words of the form; none for what is no fault of the form.
pub(crate) fn said(error: &Error, words: &Words) -> Option<String> {
    use souk_commerce::media::PictureError as Picture;
    let text = match error {
        Error::Conflict(conflict) => return Some(conflict_said(*conflict, words)),
        Error::Invalid { reason, .. } => return Some(fill(words.bad_other, "reason", reason)),
        Error::Picture(Picture::TooLarge(_) | Picture::TooManyPixels(..)) => {
            words.bad_picture_large
        }
        Error::Picture(_) => words.bad_picture,
        Error::NotFound => words.bad_gone,
        _ => return None,
    };
    Some(text.to_owned())
}

fn conflict_said(conflict: Conflict, words: &Words) -> String {
    let text = match conflict {
        Conflict::ProductSlugTaken | Conflict::CategorySlugTaken => words.bad_slug_taken,
        Conflict::SlugInvalid => words.bad_slug,
        Conflict::SkuTaken => words.bad_sku_taken,
        Conflict::SkuBlank => words.bad_needed,
        Conflict::LastText | Conflict::TitleBlank | Conflict::LastLabel => words.bad_title,
        Conflict::LastVariant => words.bad_last_variant,
        Conflict::ProductSold => words.bad_sold,
        Conflict::OfferExists => words.bad_offer,
        Conflict::ListPriceNotAbove => words.bad_old_price,
        Conflict::DatedPricesOverlap => words.bad_overlap,
        Conflict::DatedPriceEmpty => words.bad_period,
        Conflict::StockBelowReserved | Conflict::StockReserved => words.bad_reserved,
        Conflict::NoSuchCategory => words.category_choose,
        other => return fill(words.bad_other, "reason", &other.to_string()),
    };
    text.to_owned()
}
