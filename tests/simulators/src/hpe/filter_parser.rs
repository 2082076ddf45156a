//! Reading filters. A3.2.

use super::{filter::Filter, knobs::FilterDialect};

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Open,
    Close,
    Comma,
}

/// Parses a filter over `properties`; `None` if it is not understood.
pub(super) fn parse(text: &str, properties: &[&str], dialect: FilterDialect) -> Option<Filter> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens, at: 0, properties, dialect };
    let filter = parser.either()?;
    (parser.at == parser.tokens.len()).then_some(filter)
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            c if c.is_whitespace() => {}
            '(' => tokens.push(Token::Open),
            ')' => tokens.push(Token::Close),
            ',' => tokens.push(Token::Comma),
            '\'' => {
                let mut literal = String::new();
                loop {
                    match letters.next()? {
                        // A quote is written twice.
                        '\'' if letters.next_if_eq(&'\'').is_some() => literal.push('\''),
                        '\'' => break,
                        c => literal.push(c),
                    }
                }
                tokens.push(Token::Text(literal));
            }
            c => {
                let mut word = String::from(c);
                while let Some(c) = letters.next_if(|c| !c.is_whitespace() && !"(),'".contains(*c)) {
                    word.push(c);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Some(tokens)
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    properties: &'a [&'a str],
    dialect: FilterDialect,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    /// Takes the next token if it is this one.
    fn eat(&mut self, token: &Token) -> bool {
        let found = self.tokens.get(self.at) == Some(token);
        self.at += usize::from(found);
        found
    }

    fn eat_word(&mut self, word: &str) -> bool {
        self.eat(&Token::Word(word.to_owned()))
    }

    fn either(&mut self) -> Option<Filter> {
        let mut left = self.both()?;
        while self.eat_word("or") {
            (self.dialect != FilterDialect::Guide).then_some(())?; // The guide has only `and`.
            left = Filter::Or(Box::new(left), Box::new(self.both()?));
        }
        Some(left)
    }

    fn both(&mut self) -> Option<Filter> {
        let mut left = self.one()?;
        while self.eat_word("and") {
            left = Filter::And(Box::new(left), Box::new(self.one()?));
        }
        Some(left)
    }

    fn one(&mut self) -> Option<Filter> {
        if self.eat_word("not") {
            (self.dialect != FilterDialect::Guide).then_some(())?;
            return Some(Filter::Not(Box::new(self.one()?)));
        }
        if self.eat(&Token::Open) {
            let inner = self.either()?;
            return self.eat(&Token::Close).then_some(inner);
        }
        let Token::Word(word) = self.next()? else { return None };
        if matches!(word.as_str(), "contains" | "startswith" | "endswith") {
            (self.dialect != FilterDialect::Reference).then_some(())?; // Only the guide has functions.
            return self.call(word);
        }
        let property = self.property(&word)?;
        let Token::Word(operator) = self.next()? else { return None };
        match operator.as_str() {
            "eq" | "ne" | "gt" | "ge" | "lt" => {}
            "le" if self.dialect != FilterDialect::Reference => {}
            "in" if self.dialect != FilterDialect::Reference => return self.list(property),
            _ => return None,
        }
        Some(Filter::Compare(property, operator, self.literal()?))
    }

    fn call(&mut self, function: String) -> Option<Filter> {
        self.eat(&Token::Open).then_some(())?;
        let Token::Word(word) = self.next()? else { return None };
        let property = self.property(&word)?;
        self.eat(&Token::Comma).then_some(())?;
        let value = self.literal()?;
        self.eat(&Token::Close).then_some(Filter::Call(function, property, value))
    }

    fn list(&mut self, property: String) -> Option<Filter> {
        self.eat(&Token::Open).then_some(())?;
        let mut values = vec![self.literal()?];
        while self.eat(&Token::Comma) {
            values.push(self.literal()?);
        }
        self.eat(&Token::Close).then_some(Filter::In(property, values))
    }

    fn property(&self, word: &str) -> Option<String> {
        // The guide spells it `userName`.
        let name =
            if word == "userName" && self.dialect != FilterDialect::Reference { "username" } else { word };
        self.properties.contains(&name).then(|| name.to_owned())
    }

    fn literal(&mut self) -> Option<String> {
        match self.next()? {
            Token::Text(text) | Token::Word(text) => Some(text),
            _ => None,
        }
    }
}
