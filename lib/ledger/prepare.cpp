// SPDX-License-Identifier: Apache-2.0
#include "ledger/prepare.hpp"

#include "base/check.hpp"
#include "base/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace carnet::ledger {

namespace {

/// Core events that a host appends itself; keys are made and brought to life around their commit.
constexpr std::array<std::string_view, 4> kHostCoreTypes{"SubjectKeyCreated", "SubjectKeyRotated", "AccessGranted",
                                                         "AccessRevoked"};

std::string at_event(std::uint32_t index, std::string_view field) {
  return fmt::format("events[{}].{}", index, field);
}

Refusal over_limit(std::string path, std::string_view what, std::uint64_t limit) {
  Refusal refusal = reject(
      "limit", "LimitExceeded", std::move(path),
      fmt::format("{} exceeds the limit of {}: split the request or keep large content outside the log by digest", what,
                  limit));
  refusal.values.push_back({"limit", fmt::to_string(limit)});
  return refusal;
}

}  // namespace

Refusal reject(std::string_view rule, std::string_view error, std::string path, std::string message) {
  Refusal refusal;
  refusal.rule = rule;
  refusal.error = error;
  refusal.path = std::move(path);
  refusal.message = std::move(message);
  refusal.rejected = true;
  return refusal;
}

Preparer::Preparer(State& state, State::FrameLoader load_frame, Keys keys, PrepareOptions options)
    : state_(state), load_frame_(std::move(load_frame)), keys_(std::move(keys)), options_(options) {
  if (options_.id_exempt != nullptr) {
    ids_.is_registered = options_.id_exempt;
  }
  const std::span<const TagRule> rules =
      state_.domain != nullptr ? state_.domain->tag_rules() : std::span<const TagRule>{};
  for (std::size_t i = 0; i < state_.types->count(); ++i) {
    tag_plans_.push_back(state_.types->type(i).compile_tags(rules));
  }
}

std::optional<Refusal> Preparer::check_name(std::string_view name) const {
  if (const auto fault = base::check_name(name); fault != base::NameFault::kNone) {
    return reject("I-E12", "BadName", {},
                  fmt::format("the name is {}: stream and tag names are family/id, up to {} bytes",
                              base::to_string(fault), kNameBytesMax));
  }
  if (const auto fault = base::check_id(base::split_name(name).id, ids_); fault != base::IdFault::kNone) {
    return reject(
        "I-E12", base::to_string(fault), {},
        fault == base::IdFault::kBadId
            ? "the id of a name is 1 to 64 bytes of [A-Za-z0-9._:-]"
            : "the id looks like a telephone or identity number: names are never erased; use another id, or register "
              "a pattern for ids that only look so");
  }
  return std::nullopt;
}

std::optional<Refusal> Preparer::check_envelope(const Request& request) const {
  if (request.command.empty() || request.command.size() > kCommandBytesMax) {
    return reject("I-E2", "BadCommand", "command", fmt::format("a command is 1 to {} bytes", kCommandBytesMax));
  }
  if (request.events.empty()) {
    return reject("envelope", "NoEvents", "events", "a request has at least one event");
  }
  if (request.events.size() > kCommitEventsMax) {
    return over_limit("events", "the number of events", kCommitEventsMax);
  }
  if (base::check_id(request.actor.id, ids_) != base::IdFault::kNone) {
    return reject("I-E12", std::string(base::to_string(base::check_id(request.actor.id, ids_))), "actor.id",
                  "an actor's id is 1 to 64 bytes of [A-Za-z0-9._:-] and no telephone or identity number");
  }
  if (base::check_id(request.actor.role, {}) != base::IdFault::kNone) {
    return reject("envelope", "BadRole", "actor.role", "a role is 1 to 64 bytes of [A-Za-z0-9._:-]");
  }
  if (base::check_id(request.channel, {}) != base::IdFault::kNone) {
    return reject("envelope", "BadChannel", "channel", "a channel is 1 to 64 bytes of [A-Za-z0-9._:-]");
  }
  if (request.source) {
    if (request.source->name.empty() || request.source->name.size() > kNameBytesMax ||
        !base::is_utf8(request.source->name)) {
      return reject("envelope", "BadSource", "source.name",
                    fmt::format("a source's name is 1 to {} bytes of UTF-8", kNameBytesMax));
    }
  } else if (request.basis != Basis::kDecision) {
    return reject("I-E11", "SourceMissing", "source", "a request on basis report or history names its source");
  }
  for (std::size_t i = 0; i < request.expect.size(); ++i) {
    if (auto refusal = check_name(request.expect[i].stream)) {
      refusal->path = fmt::format("expect[{}]", i);
      return refusal;
    }
  }
  return std::nullopt;
}

std::optional<Refusal> Preparer::prepare_event(const Request& request, std::uint32_t index, PreparedEvent& out,
                                               bool internal) const {
  const EventDraft& draft = request.events[index];
  out.draft = &draft;
  const auto type_index = state_.types->find(draft.type);
  const bool is_core = type_index && *type_index >= state_.types->domain_count();
  if (!type_index || (is_core && !internal && std::ranges::find(kHostCoreTypes, draft.type) == kHostCoreTypes.end())) {
    return reject("I-E5", "UnknownEvent", at_event(index, "type"),
                  "this binary's domain does not register the event type, or only the engine writes it");
  }
  out.type = *type_index;
  const codec::PayloadType& type = state_.types->type(out.type);
  if (auto refusal = check_name(draft.stream)) {
    refusal->path = at_event(index, "stream");
    return refusal;
  }
  const auto parts = base::split_name(draft.stream);
  const auto families = type.stream_families();
  if (!families.empty() && std::ranges::find(families, parts.family) == families.end()) {
    return reject("I-E5", "WrongStream", at_event(index, "stream"),
                  fmt::format("{} belongs to streams of family {}", draft.type, fmt::join(families, ", ")));
  }
  if (draft.payload.words.empty()) {
    return reject("I-E5", "FieldMissing", at_event(index, "data"), "the event has no payload");
  }
  if (draft.payload.words.size() * 8 > kEventBytesMax) {
    return over_limit(at_event(index, "data"), "the payload's bytes", kEventBytesMax);
  }
  if (!draft.findings.empty() && request.basis == Basis::kDecision) {
    return reject("envelope", "FindingsNotAllowed", at_event(index, "findings"),
                  "a decision carries no findings of its writer: they belong to reports and history");
  }
  if (!internal && (draft.corrects.kind == CorrectionKind::kNone) != (draft.corrects.position == 0)) {
    return reject("I-E8", "BadCorrection", at_event(index, "corrects"),
                  "a correction states its kind and the position it corrects");
  }
  const Timestamp booked_at = draft.booked_at.value_or(draft.occurred_at);
  out.message.prepare(draft.payload, 1, draft.occurred_at, booked_at, draft.corrects);
  const PayloadView view = out.message.payload();
  if (auto fault = type.check(view, options_.id_exempt, draft.personal)) {
    return reject("I-E5", fault->error, fmt::format("events[{}].{}", index, fault->path), std::move(fault->message));
  }

  if (const std::string_view id_field = type.stream_id_field();
      !id_field.empty() && type.text_field(view, id_field) != parts.id) {
    return reject("I-E12", "WrongStream", at_event(index, "stream"),
                  fmt::format("the stream's id and data.{} of {} must be the same", id_field, draft.type));
  }

  out.tags.clear();
  out.tags.push_back(draft.stream);
  type.derive_tags(view, tag_plans_[out.type], out.tags);
  const auto derived = static_cast<std::ptrdiff_t>(out.tags.size());
  for (const std::string& tag : draft.tags) {
    if (auto refusal = check_name(tag)) {
      refusal->path = at_event(index, "tags");
      return refusal;
    }
    out.tags.push_back(tag);
  }
  std::sort(out.tags.begin() + derived, out.tags.end());
  for (std::size_t i = 1; i < out.tags.size();) {
    const auto here = out.tags.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(out.tags.begin(), here, *here) != here) {
      out.tags.erase(here);
    } else {
      ++i;
    }
  }
  if (out.tags.size() > kEventTagsMax) {
    return over_limit(at_event(index, "tags"), "the number of tags", kEventTagsMax);
  }
  for (std::size_t i = 1; i < out.tags.size(); ++i) {
    if (auto refusal = check_name(out.tags[i])) {
      refusal->path = at_event(index, "data");
      // A derived tag does not say of which field it is; the check of the payload does.
      if (auto fault = type.check(view, options_.id_exempt, draft.personal)) {
        return reject("I-E5", fault->error, fmt::format("events[{}].{}", index, fault->path),
                      std::move(fault->message));
      }
      return refusal;
    }
  }
  return std::nullopt;
}

Result<std::optional<Refusal>> Preparer::seal_fields(Prepared& out, std::vector<std::vector<std::string>>& paths,
                                                     std::vector<std::vector<base::Hash>>& hmacs) const {
  paths.assign(out.events.size(), {});
  hmacs.assign(out.events.size(), {});
  std::vector<codec::PersonalSlot> slots;
  for (std::uint32_t i = 0; i < out.events.size(); ++i) {
    PreparedEvent& event = out.events[i];
    const codec::PayloadType& type = state_.types->type(event.type);
    if (!type.has_personal_fields() && event.draft->personal.empty()) {
      continue;
    }
    slots.clear();
    type.personal_slots(event.message.payload(), event.draft->personal, slots);
    const auto find_slot = [&](std::string_view path) {
      return std::ranges::find_if(slots, [&](const codec::PersonalSlot& slot) { return slot.path == path; });
    };
    for (const codec::PersonalSlot& slot : slots) {
      if (std::ranges::none_of(event.draft->personal,
                               [&](const PersonalField& field) { return field.path == slot.path; })) {
        return std::optional(reject("I-E9", "SealedValue", at_event(i, "data." + slot.path),
                                    "a personal field is given as plain text to be sealed, never as a sealed value"));
      }
    }
    if (event.draft->personal.empty()) {
      continue;
    }
    event.sealed_payload = event.draft->payload;
    for (const PersonalField& field : event.draft->personal) {
      const auto slot = find_slot(field.path);
      const std::string path = at_event(i, "data." + field.path);
      if (slot == slots.end()) {
        return std::optional(reject("I-E9", "NoSuchField", path, "the type has no personal field of this path"));
      }
      const auto refuse = [&](seal::KeyRefusal why) {
        Refusal refusal =
            reject("I-E9", seal::to_string(why), path,
                   why == seal::KeyRefusal::kSubjectErased
                       ? "the subject's key of this class was destroyed: the field cannot be kept any more"
                       : "the subject has no key of this class (an external party has none): create it first");
        refusal.rejected = false;
        refusal.stream = event.draft->stream;
        refusal.event = event.draft->type;
        refusal.values.push_back({"class", slot->data_class});
        return std::optional(std::move(refusal));
      };
      CARNET_TRY(seal::KeyRing* const ring, keys_());
      if (ring == nullptr || slot->subject.empty()) {
        return refuse(seal::KeyRefusal::kKeyMissing);
      }
      CARNET_TRY(auto granted, ring->live_key(slot->subject, slot->data_class));
      if (const auto* why = std::get_if<seal::KeyRefusal>(&granted)) {
        return refuse(*why);
      }
      const seal::KeyHandle key = std::get<seal::KeyHandle>(std::move(granted));
      const seal::FieldPlace place{options_.ledger_id, out.command, i, seal::field_id(field.path)};
      CARNET_TRY(auto sealed, seal::Sealer(*ring).seal(base::as_bytes(field.plaintext), *key, place));
      if (const auto* why = std::get_if<seal::KeyRefusal>(&sealed)) {
        return refuse(*why);
      }
      const seal::SealedView parts = seal::view_of(std::get<seal::SealedParts>(sealed));
      CARNET_TRY_VOID(
          type.set_sealed(event.sealed_payload, field.path,
                          {parts.version, parts.key_id, parts.nonce, parts.ciphertext, parts.tag, parts.commitment}));
      paths[i].push_back(field.path);
      hmacs[i].push_back(seal::digest_of_field(base::as_bytes(field.plaintext), *key));
    }
    event.message.prepare(event.sealed_payload, 1, event.draft->occurred_at,
                          event.draft->booked_at.value_or(event.draft->occurred_at), event.draft->corrects);
  }
  return std::optional<Refusal>{};
}

Result<Digest16> Preparer::digest_of(const Prepared& prepared, const std::vector<std::vector<std::string>>& paths,
                                     const std::vector<std::vector<base::Hash>>& hmacs) const {
  thread_local std::string scratch;
  thread_local std::vector<DigestEvent> events;
  std::vector<std::vector<codec::SealedDigest>> sealed(paths.size());
  events.clear();
  for (std::size_t i = 0; i < prepared.events.size(); ++i) {
    const PreparedEvent& event = prepared.events[i];
    std::span<const codec::SealedDigest> of_event;
    if (i < paths.size() && !paths[i].empty()) {
      for (std::size_t f = 0; f < paths[i].size(); ++f) {
        sealed[i].push_back({paths[i][f], hmacs[i][f]});
      }
      of_event = sealed[i];
    }
    events.push_back({event.draft, &state_.types->type(event.type), event.message.payload(), of_event});
  }
  return request_digest(*prepared.request, events, scratch);
}

Result<bool> Preparer::find_command(const Digest16& command, StoredCommit& commit, std::uint64_t* publishes) const {
  thread_local std::vector<std::uint64_t> candidates;
  candidates.clear();
  // Published first: what a checkpoint moves over in between is then found twice, never missed.
  const std::uint64_t before = state_.command_index->publish_count();
  state_.command_index->find_newest(command, candidates);
  CARNET_TRY_VOID(state_.command_index->find_published(command, candidates));
  if (publishes != nullptr) {
    *publishes = before;
  }
  for (const std::uint64_t position : candidates) {
    CARNET_TRY(const bool found, commit.load(load_frame_, position));
    if (found && commit.head().first_position == position && commit.head().command == command) {
      return true;
    }
  }
  return false;
}

Result<std::optional<Refusal>> Preparer::digest_resend(const Request& request, Prepared& out, StoredCommit& commit,
                                                       bool& unchecked) const {
  const auto conflict = [&] {
    Refusal refusal;
    refusal.rule = "I-E2";
    refusal.error = "IdempotencyConflict";
    refusal.message = "the command landed with other content: use a new command for another business action";
    refusal.values.push_back({"commit", fmt::to_string(commit.head().number)});
    return std::optional(std::move(refusal));
  };
  std::vector<std::vector<std::string>> paths(out.events.size());
  std::vector<std::vector<base::Hash>> hmacs(out.events.size());
  codec::EventReader reader;
  for (std::uint32_t i = 0; i < out.events.size(); ++i) {
    const EventDraft& draft = *out.events[i].draft;
    if (draft.personal.empty()) {
      continue;
    }
    if (i >= commit.bytes().events.size()) {
      return conflict();
    }
    CARNET_TRY(const codec::StoredEvent* stored, reader.read(commit.bytes().events[i]));
    if (state_.types->index_of(stored->type) != out.events[i].type) {
      return conflict();
    }
    for (const PersonalField& field : draft.personal) {
      const auto sealed = state_.types->type(out.events[i].type).get_sealed(stored->payload, field.path);
      if (!sealed) {
        return conflict();
      }
      seal::KeyId key_id{};
      CARNET_TRY(seal::KeyRing* const ring, keys_());
      if (ring == nullptr || sealed->key_id.size() != key_id.size()) {
        unchecked = true;
        return std::optional<Refusal>{};
      }
      std::ranges::copy(sealed->key_id, key_id.begin());
      CARNET_TRY(auto digest, seal::Sealer(*ring).digest(base::as_bytes(field.plaintext), key_id));
      if (std::holds_alternative<seal::KeyRefusal>(digest)) {
        unchecked = true;
        return std::optional<Refusal>{};
      }
      paths[i].push_back(field.path);
      hmacs[i].push_back(std::get<base::Hash>(digest));
    }
  }
  CARNET_TRY(const Digest16 digest, digest_of(out, paths, hmacs));
  if (digest != commit.head().request_digest || request.events.size() != commit.bytes().events.size()) {
    return conflict();
  }
  return std::optional<Refusal>{};
}

Status Preparer::settle(const Request& request, Prepared& out) const {
  thread_local StoredCommit commit;
  CARNET_TRY(const bool landed, find_command(out.command, commit, &out.command_publishes));
  if (!landed) {
    return {};
  }
  bool unchecked = false;
  CARNET_TRY(auto refusal, digest_resend(request, out, commit, unchecked));
  if (refusal) {
    out.settled = std::move(*refusal);
    return {};
  }
  Receipt receipt = commit.receipt();
  receipt.duplicate = true;
  receipt.digest_unchecked = unchecked;
  out.settled = receipt;
  return {};
}

void Preparer::prepare(const Request& request, Prepared& out, bool internal) const {
  out.request = &request;
  out.settled.reset();
  out.failed.reset();
  out.condition_checked_to = 0;
  if (auto refusal = check_envelope(request)) {
    out.settled = std::move(*refusal);
    return;
  }
  out.command = command_hash(request.command);
  out.events.resize(request.events.size());
  for (std::uint32_t i = 0; i < request.events.size(); ++i) {
    if (auto refusal = prepare_event(request, i, out.events[i], internal)) {
      refusal->event = request.events[i].type;
      refusal->stream = request.events[i].stream;
      out.settled = std::move(*refusal);
      return;
    }
  }
  const auto run = [&]() -> Status {
    CARNET_TRY_VOID(settle(request, out));
    if (out.settled) {
      return {};
    }
    thread_local std::vector<std::vector<std::string>> paths;
    thread_local std::vector<std::vector<base::Hash>> hmacs;
    CARNET_TRY(auto refusal, seal_fields(out, paths, hmacs));
    if (refusal) {
      out.settled = std::move(*refusal);
      return {};
    }
    CARNET_TRY(out.digest, digest_of(out, paths, hmacs));
    for (PreparedEvent& event : out.events) {
      event.chains.clear();
      event.chains.push_back({ChainKind::kStream, event.draft->stream, {}});
      for (const std::string& tag : event.tags) {
        event.chains.push_back({ChainKind::kTag, tag, {}});
      }
      for (NameUse& use : event.chains) {
        CARNET_TRY(use.entry, state_.catalog->find_chain(use.kind, use.name));
      }
      // Now the number of links is known: the message is laid out with room for them.
      const Payload& payload = event.sealed_payload.words.empty() ? event.draft->payload : event.sealed_payload;
      event.message.prepare(payload, event.chains.size(), event.draft->occurred_at,
                            event.draft->booked_at.value_or(event.draft->occurred_at), event.draft->corrects);
    }
    return {};
  };
  if (auto status = run(); !status) {
    out.failed = std::move(status).error();
  }
  for (PreparedEvent& event : out.events) {
    event.sealed_payload.words.clear();
  }
}

}  // namespace carnet::ledger
