//! Fields of a form as templates show them, with what is wrong beside each.

use super::form::Form;

/// A field that is typed into.
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) error: Option<String>,
}

/// A field in which one of several is chosen.
pub(crate) struct Select {
    pub(crate) name: String,
    pub(crate) options: Vec<Choice>,
    pub(crate) error: Option<String>,
}

/// Something that can be chosen.
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) chosen: bool,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The field's name.
    pub(crate) field: String,
    /// Where that is, for the list on top of the form, such as a country; may be empty.
    pub(crate) place: String,
    /// What is wrong, and what to do.
    pub(crate) text: String,
}

/// What is wrong with a form, in the order of its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    /// One thing wrong.
    pub(crate) fn of(field: &str, place: &str, text: impl Into<String>) -> Problems {
        let mut problems = Problems::default();
        problems.put(field, place, text);
        problems
    }

    /// Notes what is wrong with a field, unless something is noted already.
    pub(crate) fn put(&mut self, field: &str, place: &str, text: impl Into<String>) {
        if self.text(field).is_none() {
            let (field, place) = (field.to_owned(), place.to_owned());
            self.0.push(Problem { field, place, text: text.into() });
        }
    }

    /// What is wrong with this field.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|problem| problem.field == field).map(|problem| problem.text.as_str())
    }

    /// Whether something is wrong with a field whose name begins like this.
    pub(crate) fn any(&self, beginning: &str) -> bool {
        self.0.iter().any(|problem| problem.field.starts_with(beginning))
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Everything that is wrong.
    pub(crate) fn all(&self) -> &[Problem] {
        &self.0
    }
}

impl Input {
    /// A field as it was typed.
    pub(crate) fn new(name: impl Into<String>, form: &Form, problems: &Problems) -> Input {
        let name = name.into();
        let value = form.get(&name).to_owned();
        let error = problems.text(&name).map(str::to_owned);
        Input { name, value, error }
    }
}

impl Select {
    /// A choice as it was made.
    pub(crate) fn new(
        name: impl Into<String>,
        options: impl IntoIterator<Item = (String, String)>,
        form: &Form,
        problems: &Problems,
    ) -> Select {
        let name = name.into();
        let chosen = form.get(&name);
        let choice =
            |(value, label): (String, String)| Choice { chosen: value == chosen, value, label };
        let options = options.into_iter().map(choice).collect();
        let error = problems.text(&name).map(str::to_owned);
        Select { options, error, name }
    }
}
