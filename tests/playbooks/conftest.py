from __future__ import annotations

import pytest

SMALL_PLAN = """\
schema: helpt-playbook/1
plan:
  id: small
  title: {nl: "Klein plan", fr: "Petit plan", de: "Kleiner Plan", en: "Small plan"}
  version: "1.0"
  status: draft
  municipality: Voorbeeld
  legal_frame: ["IPI (D5)"]
  owner: head
  approved_by: mayor
  approved_on: 2026-01-31
  review_before: "2027-05-01"
incident_types:
  - id: flood
    name: {nl: "Overstroming", fr: "Inondation", de: "Hochwasser", en: "Flood"}
roles:
  - id: mayor
    name: {nl: "Burgemeester", fr: "Bourgmestre", de: "Bürgermeister", en: "Mayor"}
    discipline: policy
    stand_in: head
  - id: head
    name: {nl: "Hoofd", fr: "Chef", de: "Leitung", en: "Head"}
    discipline: D5
    stand_in: mayor
channels:
  - {id: page, network: web, account: "https://page.example", readable_without_account: true, role: source}
  - {id: wall, network: x, readable_without_account: false, role: relay}
hashtags:
  official: voorbeeldhelpt
  variants: [voorbeeldhelp]
  avoid: [voorbeeld]
  use: {nl: "Voor hulp", fr: "Pour l'aide", de: "Für Hilfe", en: "For help"}
audiences:
  - id: helpers
    name: {nl: "Helpers", fr: "Aidants", de: "Helfende", en: "Helpers"}
    question: {nl: "Wat?", fr: "Quoi ?", de: "Was?", en: "What?"}
phases:
  - id: first
    name: {nl: "Eerst", fr: "D'abord", de: "Zuerst", en: "First"}
    trigger: {nl: "Het water stijgt", fr: "L'eau monte", de: "Das Wasser steigt", en: "The water rises"}
    start_min: 0
    end_min: 60
    actions:
      - id: tell
        what: {nl: "Vertel het", fr: "Dites-le", de: "Sagen Sie es", en: "Tell it"}
        role: head
        within_min: 20
        channels: [page, wall]
        audiences: [helpers]
        template: message
        approval: mayor
  - id: later
    name: {nl: "Later", fr: "Plus tard", de: "Später", en: "Later"}
    trigger: {nl: "Het water zakt", fr: "L'eau baisse", de: "Das Wasser sinkt", en: "The water falls"}
    start_min: 60
    actions:
      - id: repeat
        what: {nl: "Vertel weer", fr: "Redites", de: "Sagen Sie es wieder", en: "Tell again"}
        role: head
        within_min: 10
        repeat_min: 30
      - id: close
        what: {nl: "Sluit af", fr: "Clôturez", de: "Schließen", en: "Close"}
        role: head
        within_min: 100
      - id: look
        what: {nl: "Kijk na", fr: "Vérifiez", de: "Nachsehen", en: "Look"}
        role: head
triggers:
  - id: many
    why: {nl: "Veel aanbod", fr: "Beaucoup d'offres", de: "Viele Angebote", en: "Many offers"}
    when:
      - {figure: unique_offers, at_least: 60}
      - {figure: open_requests, at_most: 5}
    action: tell
    within_min: 10
  - id: short
    why: {nl: "Te weinig", fr: "Manque", de: "Zu wenig", en: "Too few"}
    when:
      - {figure: short_of_kind, at_least: 10}
    action: look
    within_min: 15
templates:
  - id: message
    purpose: inform
    principle: confidence
    max_chars: 60
    variables: {board: {time: 5}, person: {place: null}}
    text:
      nl: "{time} water in {place}"
      fr: "{time} eau : {place}"
      de: "{time} Wasser in {place}"
      en: "{time} water in {place}"
rumours:
  - id: dam
    question: {nl: "Breekt de dam?", fr: "Le barrage cède ?", de: "Bricht der Damm?", en: "Is the dam breaking?"}
    answer: {nl: "De dam houdt.", fr: "Le barrage tient.", de: "Der Damm hält.", en: "The dam holds."}
    source: {nl: "Dambeheer", fr: "Gestion", de: "Verwaltung", en: "Dam office"}
    checked_on: 2026-11-01T20:10+01:00
sympathy:
  channel: page
  template: message
  from_phase: later
  tone: {nl: "Zacht", fr: "Doux", de: "Sanft", en: "Gentle"}
moderation:
  steps:
    - {id: recognise, who: head, what: {nl: "Herken", fr: "Reconnaître", de: "Erkennen", en: "Recognise"}}
  reasons:
    - {id: threat, name: {nl: "Dreiging", fr: "Menace", de: "Drohung", en: "Threat"}}
  reporting_points:
    - {name: Unia, country: BE, number: "0800 12 800", about: {nl: "Haat", fr: "Haine", de: "Hass", en: "Hate"}}
offers:
  kinds:
    - {id: bed, name: {nl: "bedden", fr: "lits", de: "Betten", en: "beds"}}
  reception_point: head
  never_show: [phone, email]
"""


@pytest.fixture
def small_plan() -> str:
    """A plan without a fault or warning on 21 November 2026."""
    return SMALL_PLAN
