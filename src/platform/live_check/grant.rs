//! When a token is asked for, how long it is used, and when an application that is refused rests. Pure: time is an
//! argument.

use secrecy::SecretString;
use std::time::{Duration, Instant};

/// A token is renewed so long before its end, or a tenth of its life, whichever is less.
const EARLY: Duration = Duration::from_secs(5 * 60);
/// How long a token is used at least, whatever it says of itself: a platform that hands out dead ones is not asked for
/// one with every question.
const LEAST: Duration = Duration::from_secs(5 * 60);
/// How long a token is used that does not say how long it lives.
const UNSAID: Duration = Duration::from_secs(60 * 60);
/// How long a token is used at most.
const MOST: Duration = Duration::from_secs(60 * 24 * 60 * 60);
/// A younger token that is refused is not cured by another one.
const YOUNG: Duration = Duration::from_secs(60);
/// How long an application rests after the first refusal; each further one doubles it.
const REST: Duration = Duration::from_secs(60);
/// How long it rests at most.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// What to do for a question.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Ask it, with this token where there is one.
    Ask(Option<Token>),
    /// Ask for a token first.
    Fetch,
    /// Ask nothing now.
    Rest,
}

/// A token in use.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) text: SecretString,
    since: Instant,
    renew: Instant,
    ends: Instant,
}

/// What an application has been granted.
#[derive(Debug, Default)]
pub(super) struct Grant {
    token: Option<Token>,
    rests: Option<Instant>,
    failures: u32,
    told: bool,
}

impl Grant {
    /// What a question at `now` needs; `tokens` where the platform hands out such.
    pub(super) fn step(&self, tokens: bool, now: Instant) -> Step {
        let rests = self.rests(now);
        match &self.token {
            _ if !tokens => {
                if rests {
                    Step::Rest
                } else {
                    Step::Ask(None)
                }
            }
            Some(token) if now < token.renew => Step::Ask(Some(token.clone())),
            // One that could not be renewed serves until its end.
            Some(token) if rests && now < token.ends => Step::Ask(Some(token.clone())),
            _ if rests => Step::Rest,
            _ => Step::Fetch,
        }
    }

    /// A token was given that lives for `life`.
    pub(super) fn granted(&mut self, text: SecretString, life: Option<Duration>, now: Instant) {
        let life = life.unwrap_or(UNSAID).clamp(LEAST, MOST);
        let renew = now + life.saturating_sub(EARLY.min(life / 10));
        self.token = Some(Token { text, since: now, renew, ends: now + life });
    }

    /// No token was given.
    pub(super) fn denied(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        let longer = REST.saturating_mul(2u32.saturating_pow(self.failures - 1)).min(LONGEST);
        self.rests = Some(now + longer);
    }

    /// A question with `used` was refused for it. True where it is worth to be asked again, with another token.
    pub(super) fn refused(&mut self, used: Option<&Token>, now: Instant) -> bool {
        let same = self.token.as_ref().zip(used).is_some_and(|(known, used)| known.since == used.since);
        match used {
            // Somebody else has got another one meanwhile.
            Some(_) if self.token.is_some() && !same => true,
            Some(used) if now.saturating_duration_since(used.since) >= YOUNG && !self.rests(now) => {
                self.token = None;
                true
            }
            _ => {
                if !self.rests(now) {
                    self.denied(now);
                }
                self.token = None;
                false
            }
        }
    }

    /// A question was not refused.
    pub(super) fn taken(&mut self) {
        (self.failures, self.rests, self.told) = (0, None, false);
    }

    /// Whether nothing is asked at `now`.
    pub(super) fn rests(&self, now: Instant) -> bool {
        self.rests.is_some_and(|until| now < until)
    }

    /// Whether the host is to be told of a refusal: once, until one question was not refused.
    pub(super) fn tells(&mut self) -> bool {
        !std::mem::replace(&mut self.told, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(grant: &Grant, now: Instant) -> Option<Token> {
        match grant.step(true, now) {
            Step::Ask(token) => token,
            Step::Fetch | Step::Rest => None,
        }
    }

    fn fetches(grant: &Grant, now: Instant) -> bool {
        matches!(grant.step(true, now), Step::Fetch)
    }

    #[test]
    fn a_token_is_renewed_before_its_end_and_serves_until_then_where_it_cannot_be() {
        let (mut grant, start) = (Grant::default(), Instant::now());
        let at = |s| start + Duration::from_secs(s);
        assert!(fetches(&grant, start));
        grant.granted("a".into(), Some(Duration::from_secs(7200)), start);
        assert!(token(&grant, at(6899)).is_some() && fetches(&grant, at(6900)), "five minutes before its end");
        grant.denied(at(6900));
        assert!(token(&grant, at(6900)).is_some(), "it still lives");
        assert!(fetches(&grant, at(6960)), "a minute later it is tried again");
        for tried in [6960, 7080] {
            grant.denied(at(tried));
        }
        assert!(token(&grant, at(7199)).is_some() && token(&grant, at(7200)).is_none());
        assert!(!fetches(&grant, at(7319)) && fetches(&grant, at(7320)), "four minutes after the third");
    }

    #[test]
    fn no_life_that_a_platform_claims_makes_a_token_be_asked_for_with_every_question() {
        let start = Instant::now();
        for (life, used) in
            [(Some(0), 270), (Some(1), 270), (Some(600), 540), (None, 3300), (Some(u64::MAX), 5_183_700)]
        {
            let mut grant = Grant::default();
            grant.granted("a".into(), life.map(Duration::from_secs), start);
            let until = start + Duration::from_secs(used);
            assert!(token(&grant, until - Duration::from_secs(1)).is_some(), "{life:?}");
            assert!(fetches(&grant, until), "{life:?}");
        }
    }

    #[test]
    fn an_old_token_that_is_refused_is_replaced_once_and_a_new_one_rests() {
        let (mut grant, start) = (Grant::default(), Instant::now());
        let at = |s| start + Duration::from_secs(s);
        grant.granted("a".into(), None, start);
        let old = token(&grant, at(600)).unwrap();
        assert!(grant.refused(Some(&old), at(600)) && fetches(&grant, at(600)));
        grant.granted("b".into(), None, at(600));
        assert!(grant.refused(Some(&old), at(600)), "who asked with the old one asks again with the new one");
        let new = token(&grant, at(601)).unwrap();
        assert!(!grant.refused(Some(&new), at(601)));
        assert!(!grant.refused(Some(&new), at(601)), "all who asked meanwhile are one failure");
        assert!(!fetches(&grant, at(660)) && fetches(&grant, at(661)));
        let mut now = 661;
        for rest in [120, 240, 480, 960, 1920, 3600, 3600] {
            grant.granted("c".into(), None, at(now));
            let token = token(&grant, at(now)).unwrap();
            assert!(!grant.refused(Some(&token), at(now)));
            assert!(!fetches(&grant, at(now + rest - 1)) && fetches(&grant, at(now + rest)), "{rest}");
            now += rest;
        }
        assert!(grant.tells() && !grant.tells());
        grant.taken();
        assert!(grant.tells());
        grant.denied(at(now));
        assert!(fetches(&grant, at(now + 60)), "it begins anew");
    }

    #[test]
    fn what_has_no_token_rests_as_well() {
        let (mut grant, start) = (Grant::default(), Instant::now());
        assert!(matches!(grant.step(false, start), Step::Ask(None)));
        assert!(!grant.refused(None, start));
        assert!(matches!(grant.step(false, start + Duration::from_secs(59)), Step::Rest));
        assert!(matches!(grant.step(false, start + Duration::from_secs(60)), Step::Ask(None)));
    }
}
