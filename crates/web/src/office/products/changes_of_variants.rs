//! What a form changes of a product's variants.

use serde_json::{Map, Value};
use souk_base::Lang;
use souk_commerce::products::{EditableVariant, NewVariant, VariantChange};

use super::changes::{Answers, Reader};
use super::step::Change;

/// What changes of a variant.
pub(super) fn change(reader: &mut Reader<'_>, variant: &EditableVariant) {
    let key = variant.id.to_string();
    let field = format!("sku.{key}");
    if reader.answers.changed(&field) {
        let sku = reader.answers.get(&field).to_owned();
        if sku.is_empty() {
            reader.problems.put(&field, &variant.sku, reader.words.bad_needed);
        }
        let change = VariantChange { sku: Some(sku), ..VariantChange::default() };
        reader.step(&field, &variant.sku, Change::Variant(variant.id, change));
    }
    let sizes = Lang::ALL.map(|lang| format!("size.{key}.{lang}"));
    if let Some(field) = sizes.iter().find(|field| reader.answers.changed(field)) {
        let options = options(&reader.answers, &key, Some(&variant.options));
        let change = VariantChange { options: Some(options), ..VariantChange::default() };
        reader.step(field, &variant.sku, Change::Variant(variant.id, change));
    }
}

/// The variant that is to be added, if one is.
pub(super) fn add(reader: &mut Reader<'_>) {
    let sku = reader.answers.get("sku.add").to_owned();
    let options = options(&reader.answers, "add", None);
    let asked = reader.answers.get("act") == "variant-add";
    if !asked && sku.is_empty() && options.is_empty() {
        return;
    }
    if options.is_empty() {
        // Without a size nobody could tell it from its siblings.
        reader.problems.put("size.add.en", reader.words.variant_new, reader.words.bad_needed);
    }
    let sku = Some(sku).filter(|sku| !sku.is_empty());
    let new = NewVariant { sku, options, eans: Vec::new() };
    reader.step("sku.add", reader.words.variant_new, Change::AddVariant(new));
}

/// The options of a variant with the sizes that were typed; others stay.
pub(super) fn options(
    answers: &Answers,
    key: &str,
    before: Option<&Map<String, Value>>,
) -> Map<String, Value> {
    let mut options = before.cloned().unwrap_or_default();
    let typed = |lang: Lang| {
        let text = answers.get(&format!("size.{key}.{lang}"));
        (!text.is_empty()).then(|| (lang.code().to_owned(), Value::from(text)))
    };
    let sizes: Map<String, Value> = Lang::ALL.into_iter().filter_map(typed).collect();
    match (sizes.len(), sizes.get(Lang::En.code())) {
        (0, _) => drop(options.remove("size")),
        // One that is the same in every language, such as XL.
        (1, Some(text)) => drop(options.insert("size".to_owned(), text.clone())),
        _ => drop(options.insert("size".to_owned(), Value::Object(sizes))),
    }
    options
}
