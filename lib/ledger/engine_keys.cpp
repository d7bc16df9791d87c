// SPDX-License-Identifier: Apache-2.0
//
// Keys of data subjects around their commits: prepared before, brought to life after, given back when the request was
// refused.
#include "codec/json.hpp"
#include "ledger/engine.hpp"
#include "store/key_store_db.hpp"

#include <fmt/format.h>

#include <cstring>

namespace carnet::ledger {

Result<seal::KeyRing*> Engine::keys(bool create) {
  const std::lock_guard lock(keys_mutex_);
  if (key_ring_ != nullptr) {
    return key_ring_.get();
  }
  auto opened = store::open_key_store(options_.key_folder / "store",
                                      create ? store::KeyStoreMissing::kCreate : store::KeyStoreMissing::kFail,
                                      static_cast<store::StoreEnv*>(options_.store_env), options_.log.get());
  if (!opened) {
    if (opened.error().code() == ErrorCode::kNotFound && !create) {
      return nullptr;
    }
    return std::move(opened).error();
  }
  if (options_.key_provider != nullptr) {
    key_provider_ = options_.key_provider;
  } else {
    CARNET_TRY(key_provider_, FileKeyProvider::open(options_.key_folder / "wrapping"));
  }
  CARNET_TRY(auto ring, seal::KeyRing::open(**opened, *key_provider_, *options_.random));
  key_store_ = *std::move(opened);
  key_ring_ = std::move(ring);
  return key_ring_.get();
}

Status Engine::settle_prepared_keys() {
  std::error_code ignored;
  if (!std::filesystem::exists(options_.key_folder / "store", ignored)) {
    return {};
  }
  CARNET_TRY(seal::KeyRing* const ring, keys(false));
  if (ring == nullptr) {
    return {};
  }
  // What a crash left between prepare() and activate(): the log says whether the commit landed.
  CARNET_TRY(const auto left, ring->prepared());
  if (left.empty()) {
    return {};
  }
  std::vector<std::string> landed;
  CARNET_TRY(auto view, this->view());
  for (const seal::KeyRecord& record : left) {
    QueryItem item;
    item.stream = fmt::format("privacy/{}", record.subject);
    item.types = {"SubjectKeyCreated", "SubjectKeyRotated"};
    CARNET_TRY(auto cursor, view->read({{std::move(item)}}, {}));
    const std::string wanted = fmt::format("\"keyId\":\"{}\"", base::to_hex(record.key_id));
    bool found = false;
    while (!found) {
      CARNET_TRY(const Event* event, cursor->next());
      if (event == nullptr) {
        break;
      }
      std::string json;
      CARNET_TRY_VOID(view->append_json(*event, json));
      found = json.find(wanted) != std::string::npos;
    }
    if (found) {
      CARNET_TRY([[maybe_unused]] const auto state, ring->activate(record.key_id));
    } else {
      CARNET_TRY_VOID(ring->discard(record.key_id));
    }
  }
  return {};
}

Result<Outcome> Engine::create_subject_key(std::string_view account, std::string_view data_class,
                                           const Request& envelope) {
  check_process();
  if (sequencer_ == nullptr) {
    return read_only_error();
  }
  const std::string command =
      fmt::format("key:{}", base::to_hex(command_hash(fmt::format("{}\n{}", account, data_class))));
  StoredCommit landed;
  CARNET_TRY(const bool there, preparer_->find_command(command_hash(command), landed));
  if (there) {
    Receipt receipt = landed.receipt();
    receipt.duplicate = true;
    receipt.digest_unchecked = true;
    return Outcome(receipt);
  }
  CARNET_TRY(seal::KeyRing* const ring, keys(true));
  CARNET_TRY(const seal::KeyId id, ring->new_key_id());
  const auto index = state_->types->find("SubjectKeyCreated");
  std::string json = R"({"accountId":)";
  codec::append_json_string(json, account);
  json += R"(,"class":)";
  codec::append_json_string(json, data_class);
  json += fmt::format(R"(,"keyId":"{}","algorithm":"{}"}})", base::to_hex(id), seal::kSealAlgorithm);
  std::vector<PersonalField> personal;
  auto made = state_->types->type(*index).from_json(json, personal);
  if (auto* fault = std::get_if<codec::PayloadFault>(&made)) {
    return Outcome(reject("I-E5", fault->error, fault->path, std::move(fault->message)));
  }
  Request request = envelope;
  request.command = command;
  request.versions = VersionPolicy::kAny;
  request.events.clear();
  EventDraft draft;
  draft.stream = fmt::format("privacy/{}", account);
  draft.type = "SubjectKeyCreated";
  draft.occurred_at = options_.clock->now();
  draft.payload = std::get<Payload>(std::move(made));
  request.events.push_back(std::move(draft));
  return append_with_keys(request);
}

Result<Outcome> Engine::append_with_keys(const Request& request) {
  CARNET_TRY(seal::KeyRing* const ring, keys(true));
  std::vector<seal::KeyRequest> wanted;
  for (std::size_t i = 0; i < request.events.size(); ++i) {
    const EventDraft& draft = request.events[i];
    const bool created = draft.type == "SubjectKeyCreated";
    if (!created && draft.type != "SubjectKeyRotated") {
      continue;
    }
    const codec::PayloadHolder payload(draft.payload);
    const codec::PayloadType& type = state_->types->type(*state_->types->find(draft.type));
    if (auto fault = type.check(payload.view(), options_.id_exempt)) {
      return Outcome(
          reject("I-E5", fault->error, fmt::format("events[{}].{}", i, fault->path), std::move(fault->message)));
    }
    std::string json;
    type.append_json(payload.view(), {}, json);
    const auto at = json.find(R"("keyId":")");
    const auto id = at == std::string::npos ? std::nullopt : base::from_hex(std::string_view(json).substr(at + 9, 32));
    if (!id || id->size() != seal::KeyId{}.size() || json.compare(at + 9 + 32, 1, "\"") != 0) {
      return Outcome(reject("I-E9", "BadKeyId", fmt::format("events[{}].data.keyId", i), "a key id is 16 bytes"));
    }
    seal::KeyRequest key;
    key.subject = type.text_field(payload.view(), "accountId");
    key.data_class = type.text_field(payload.view(), "class");
    std::memcpy(key.key_id.data(), id->data(), id->size());
    key.use = created ? seal::KeyUse::kFirst : seal::KeyUse::kRotation;
    key.at = draft.occurred_at;
    wanted.push_back(std::move(key));
  }
  CARNET_TRY(auto prepared, ring->prepare(wanted));
  if (const auto* refused = std::get_if<seal::PrepareRefusal>(&prepared)) {
    // A resend of a commit that landed finds its keys live already.
    CARNET_TRY(Outcome resend, sequencer_->append(request, false));
    if (const auto* receipt = std::get_if<Receipt>(&resend); receipt != nullptr && !receipt->duplicate) {
      return Error(ErrorCode::kStorage, "KeyNotPrepared",
                   "a key event landed without its key: the key store is of another ledger");
    }
    if (std::holds_alternative<Receipt>(resend)) {
      return resend;
    }
    Refusal refusal =
        reject("I-E9", seal::to_string(refused->refusal), "events",
               "the key cannot be made: the subject has one of this class already, or had one that was destroyed");
    refusal.rejected = false;
    return Outcome(std::move(refusal));
  }
  auto outcome = sequencer_->append(request, false);
  if (!outcome) {
    // Unknown: whether the key lives is decided at the next opening, by the log.
    if (outcome.error().code() != ErrorCode::kOutcomeUnknown) {
      for (const seal::KeyRequest& key : wanted) {
        CARNET_TRY_VOID(ring->discard(key.key_id));
      }
    }
    return outcome;
  }
  for (const seal::KeyRequest& key : wanted) {
    if (std::holds_alternative<Receipt>(*outcome)) {
      CARNET_TRY([[maybe_unused]] const auto state, ring->activate(key.key_id));
    } else {
      CARNET_TRY_VOID(ring->discard(key.key_id));
    }
  }
  return outcome;
}

}  // namespace carnet::ledger
