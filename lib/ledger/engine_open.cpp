// SPDX-License-Identifier: Apache-2.0
//
// Opening, creating, recovering. Order of a writer: lock, FLOOR, log (its tail checked against the floor), views
// (removed and made anew when they are missing, damaged or of another version), state, tail folded, keys settled,
// sequencer.
#include "base/check.hpp"
#include "base/limits.hpp"
#include "base/process.hpp"
#include "codec/json.hpp"
#include "ledger/engine.hpp"
#include "store/key_store_db.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace carnet::ledger {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kLog = "log";
constexpr std::string_view kViews = "views";
constexpr std::string_view kLock = "LOCK";

Error missing(const fs::path& folder) {
  return {ErrorCode::kNotFound,
          "LedgerMissing",
          "there is no ledger in the folder: create one with `carnet init`",
          {{"path", folder.string()}}};
}

Error incomplete(const fs::path& folder) {
  return {ErrorCode::kCorruption,
          "LedgerIncomplete",
          "the ledger's creation was interrupted before its first commit: nothing was ever acknowledged; remove the "
          "folder and create it again",
          {{"path", folder.string()}}};
}

/// Creation died before it came to FLOOR: there is none, and the log holds no byte of a commit.
bool was_never_written(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder / "FLOOR.a", error) || fs::exists(folder / "FLOOR.b", error)) {
    return false;
  }
  for (auto entry = fs::directory_iterator(folder / kLog, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    const fs::path extension = entry->path().extension();
    if (extension == ".sst" || (extension == ".log" && fs::file_size(entry->path(), error) != 0)) {
      return false;
    }
  }
  return !error;
}

store::LogOptions log_options(const OpenOptions& options) {
  store::LogOptions out;
  out.cache_bytes = options.memory_bytes / 8;
  out.write_buffer_bytes = std::min<std::size_t>(options.memory_bytes / 16, 32UL << 20U);
  out.log = options.log.get();
  out.env = static_cast<store::StoreEnv*>(options.store_env);
  return out;
}

store::ViewsOptions views_options(const OpenOptions& options) {
  store::ViewsOptions out;
  out.cache_bytes = options.memory_bytes / 8;
  out.write_buffer_bytes = std::min<std::size_t>(options.memory_bytes / 16, 16UL << 20U);
  out.log = options.log.get();
  out.env = static_cast<store::StoreEnv*>(options.store_env);
  return out;
}

/// Text between `"key":"` and the next quote of a flat JSON object that Carnet printed.
std::string_view json_text(std::string_view json, std::string_view key) {
  const std::string pattern = fmt::format("\"{}\":\"", key);
  const auto at = json.find(pattern);
  if (at == std::string_view::npos) {
    return {};
  }
  json.remove_prefix(at + pattern.size());
  return json.substr(0, json.find('"'));
}

std::uint64_t json_number(std::string_view json, std::string_view key) {
  const std::string pattern = fmt::format("\"{}\":", key);
  const auto at = json.find(pattern);
  std::uint64_t value = 0;
  if (at != std::string_view::npos) {
    for (std::size_t i = at + pattern.size(); i < json.size() && json[i] >= '0' && json[i] <= '9'; ++i) {
      value = value * 10 + static_cast<std::uint64_t>(json[i] - '0');
    }
  }
  return value;
}

}  // namespace

Engine::Engine(fs::path folder, const Domain* domain, const OpenOptions& options)
    : folder_(std::move(folder)), domain_(domain), options_(options), process_(base::process_generation()) {
  if (options_.clock == nullptr) {
    options_.clock = system_clock();
  }
  if (options_.random == nullptr) {
    options_.random = os_random();
  }
  if (options_.log == nullptr) {
    options_.log = null_log_sink();
  }
  if (options_.key_folder.empty()) {
    options_.key_folder = folder_;
    options_.key_folder += ".keys";
  }
}

Engine::~Engine() {
  ignore_error(close(), "a destructor cannot report; close() can");
  if (!scratch_.empty()) {
    std::error_code ignored;
    fs::remove_all(scratch_, ignored);
  }
}

Result<Ledger::Opened> Engine::open(const fs::path& folder, const Domain* domain, const OpenOptions& options) {
  fs::path clean = fs::absolute(folder).lexically_normal();
  if (!clean.has_filename()) {
    clean = clean.parent_path();
  }
  if (options.random != nullptr && options.random->is_seeded() &&
      (options.key_provider == nullptr || !options.key_provider->is_for_tests())) {
    return Error(ErrorCode::kInvalidArgument, "SeededRandomRefused",
                 "a seeded random source is accepted only together with the test key provider");
  }
  auto engine = std::make_unique<Engine>(std::move(clean), domain, options);
  OpenReport report;
  CARNET_TRY_VOID(options.read_only ? engine->open_reader(report) : engine->open_writer(report));
  Opened opened;
  opened.ledger = std::move(engine);
  opened.report = report;
  return opened;
}

Status Engine::create_folder() {
  CARNET_TRY(const bool exists, base::path_exists(folder_.string()));
  if (exists) {
    CARNET_TRY(const bool empty, base::is_empty_folder(folder_.string()));
    if (!empty) {
      return Error(ErrorCode::kInvalidArgument, "NotEmpty",
                   "a ledger is created in a new or empty folder only: this one holds something",
                   {{"path", folder_.string()}});
    }
  } else {
    std::error_code error;
    fs::create_directories(folder_.parent_path(), error);
    CARNET_TRY_VOID(base::create_directory(folder_.string()));
  }
  CARNET_TRY(lock_, base::FolderLock::acquire((folder_ / kLock).string(), "LedgerBusy"));
  CARNET_TRY_VOID(options_.random->fill(ledger_id_));
  CARNET_TRY(auto opened, store::LocalLog::create(folder_ / kLog, log_options(options_)));
  log_ = std::move(opened.log);
  CARNET_TRY(views_, store::ViewsDb::create(folder_ / kViews, views_options(options_)));
  // Last: a folder with a floor is a ledger, whatever else it lacks.
  CARNET_TRY(floor_, store::Floor::create(base::real_file_system(), folder_.string(), ledger_id_, {}));
  return {};
}

Status Engine::open_floor(bool& both_lost) {
  auto floor = store::Floor::read(base::real_file_system(), folder_.string());
  both_lost = false;
  if (floor) {
    floor_ = *std::move(floor);
    ledger_id_ = floor_->ledger();
    if (floor_->is_degraded()) {
      say(LogLevel::kWarning,
          "FloorDegraded: one copy of FLOOR is missing or damaged; it is mended at the next checkpoint");
    }
    return {};
  }
  if (options_.accept_loss && floor.error().code() == ErrorCode::kCorruption) {
    both_lost = true;
    return {};
  }
  return std::move(floor).error();
}

Status Engine::create(OpenReport& report) {
  CARNET_TRY_VOID(create_folder());
  report.created = true;
  CARNET_TRY(state_, State::make(domain_, views_.get(), options_.memory_bytes / 2, options_.projections));
  state_->begin_empty();
  CARNET_TRY_VOID(state_->types->bind(*state_->catalog));
  state_->set_frame_loader(frame_loader());
  CARNET_TRY_VOID(open_projections(report));
  CARNET_TRY_VOID(start(report));
  return write_genesis();
}

/// The creation of this ledger died before its first commit: whoever may create it begins anew.
Status Engine::create_again(OpenReport& report) {
  if (options_.if_missing == IfMissing::kFail) {
    return incomplete(folder_);
  }
  say(LogLevel::kWarning, "LedgerIncomplete: an interrupted creation is begun anew; it held no commit");
  log_.reset();
  floor_.reset();
  lock_.reset();
  std::error_code error;
  for (const std::string_view name : {kLog, kViews, kLock, std::string_view("FLOOR.a"), std::string_view("FLOOR.b")}) {
    fs::remove_all(folder_ / name, error);
  }
  return create(report);
}

Status Engine::open_writer(OpenReport& report) {
  CARNET_TRY(const bool exists, base::path_exists((folder_ / kLog).string()));
  if (!exists) {
    if (options_.if_missing == IfMissing::kFail) {
      return missing(folder_);
    }
    return create(report);
  }
  CARNET_TRY(lock_, base::FolderLock::acquire((folder_ / kLock).string(), "LedgerBusy"));
  bool both_lost = false;
  if (auto floor = open_floor(both_lost); !floor) {
    return was_never_written(folder_) ? create_again(report) : floor;
  }
  const store::FloorMark floor = floor_ ? floor_->mark() : store::FloorMark{};
  CARNET_TRY(auto opened, store::LocalLog::open(folder_ / kLog, {floor.position, floor.commits}, options_.accept_loss,
                                                log_options(options_)));
  log_ = std::move(opened.log);
  report.tail_dropped_bytes = opened.report.tail_dropped_bytes;
  if (report.tail_dropped_bytes) {
    say(LogLevel::kWarning,
        fmt::format("TailDropped: a torn write of {} bytes at the end of the log was cut off; nothing that was "
                    "acknowledged as durable was in it",
                    *report.tail_dropped_bytes));
  }
  CARNET_TRY(const LogTail tail, log_->tail());
  if (tail.commits == 0) {
    return create_again(report);
  }
  CARNET_TRY_VOID(open_views());
  CARNET_TRY_VOID(load_state(report));
  CARNET_TRY_VOID(fold_tail(report));
  CARNET_TRY_VOID(check_genesis());
  CARNET_TRY_VOID(open_projections(report));
  CARNET_TRY_VOID(start(report));
  const bool below_floor = state_->tip.position < floor.position;
  if (both_lost || below_floor) {
    CARNET_TRY_VOID(accept_loss(floor, both_lost, report));
  }
  return settle_prepared_keys();
}

Status Engine::open_reader(OpenReport& report) {
  CARNET_TRY(const bool exists, base::path_exists((folder_ / kLog).string()));
  if (!exists) {
    return missing(folder_);
  }
  bool both_lost = false;
  CARNET_TRY_VOID(open_floor(both_lost));
  std::string pattern = (fs::temp_directory_path() / "carnet-reader-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    return base::file_error("make a scratch folder", pattern, errno);
  }
  scratch_ = pattern;
  CARNET_TRY(auto opened, store::LocalLog::open_secondary(folder_ / kLog, scratch_ / kLog, log_options(options_)));
  log_ = std::move(opened.log);
  auto views = store::ViewsDb::open_secondary(folder_ / kViews, scratch_ / kViews, views_options(options_));
  if (!views && views.error().code() != ErrorCode::kNotFound && views.error().code() != ErrorCode::kCorruption) {
    return std::move(views).error();
  }
  if (views) {
    views_ = *std::move(views);
  } else {
    CARNET_TRY(views_, store::ViewsDb::create(scratch_ / "own-views", views_options(options_)));
  }
  CARNET_TRY_VOID(load_state(report));
  CARNET_TRY_VOID(fold_tail(report));
  if (state_->tip.commits == 0) {
    return missing(folder_);
  }
  // The floor was read before the log: whatever a writer does meanwhile, the log reaches at least this far.
  if (floor_ && state_->tip.position < floor_->mark().position) {
    return log_truncated(floor_->mark().position);
  }
  CARNET_TRY_VOID(check_genesis());
  CARNET_TRY_VOID(open_projections(report));
  catch_up_->follow_now({});
  preparer_ = std::make_unique<Preparer>(
      *state_, frame_loader(), []() -> Result<seal::KeyRing*> { return nullptr; },
      PrepareOptions{options_.id_exempt, ledger_id_});
  return {};
}

Status Engine::open_views() {
  auto views = store::ViewsDb::open(folder_ / kViews, views_options(options_));
  if (views) {
    views_ = *std::move(views);
    return {};
  }
  if (views.error().code() != ErrorCode::kNotFound && views.error().code() != ErrorCode::kCorruption) {
    return std::move(views).error();
  }
  say(LogLevel::kWarning, fmt::format("{}: the views are rebuilt from the log", views.error().name()));
  return {};
}

Status Engine::recreate_views(OpenReport& report) {
  state_.reset();
  if (views_ != nullptr) {
    ignore_error(views_->close(), "the folder is removed");
    views_.reset();
  }
  if (options_.read_only) {
    CARNET_TRY(views_, store::ViewsDb::create(scratch_ / "own-views", views_options(options_)));
  } else {
    std::error_code error;
    fs::remove_all(folder_ / kViews, error);
    if (error) {
      return Error(ErrorCode::kStorage, "ViewsNotRemovable", "views/ must be rebuilt, but the folder cannot be removed",
                   {{"path", (folder_ / kViews).string()}, {"errno", fmt::to_string(error.value())}});
    }
    CARNET_TRY(views_, store::ViewsDb::create(folder_ / kViews, views_options(options_)));
  }
  report.views_rebuilt = true;
  CARNET_TRY(state_, State::make(domain_, views_.get(), options_.memory_bytes / 2, options_.projections));
  state_->begin_empty();
  return state_->types->bind(*state_->catalog);
}

Status Engine::load_state(OpenReport& report) {
  const auto try_load = [&]() -> Status {
    if (views_ == nullptr) {
      return Error(ErrorCode::kNotFound, "ViewsMissing", "there are no views");
    }
    CARNET_TRY(state_, State::make(domain_, views_.get(), options_.memory_bytes / 2, options_.projections));
    CARNET_TRY(const auto checkpoint, views_->checkpoint());
    if (!checkpoint) {
      // Nothing was ever published. In a ledger of some size that costs a fold of the whole log, which is what follows.
      state_->begin_empty();
      return state_->types->bind(*state_->catalog);
    }
    CARNET_TRY(const LogTail tail, log_->tail());
    if (checkpoint->position > tail.position || checkpoint->commits > tail.commits) {
      return Error(ErrorCode::kCorruption, "ViewsAhead", "the views are ahead of the log");
    }
    CARNET_TRY_VOID(state_->load(*checkpoint));
    if (options_.read_only && !state_->stale().empty()) {
      return Error(ErrorCode::kNotFound, "ViewsOfAnotherVersion", "the views were written with other projections");
    }
    checkpoint_position_ = checkpoint->position;
    return {};
  };
  auto loaded = try_load();
  if (!loaded) {
    const ErrorCode code = loaded.error().code();
    if (code != ErrorCode::kNotFound && code != ErrorCode::kCorruption) {
      return loaded;
    }
    say(LogLevel::kInfo, fmt::format("{}: rebuilding the views from the log", loaded.error().name()));
    checkpoint_position_ = 0;
    CARNET_TRY_VOID(recreate_views(report));
  }
  state_->set_frame_loader(frame_loader());
  return {};
}

Status Engine::fold_tail(OpenReport& report) {
  const std::uint64_t from = state_->tip.position;
  CARNET_TRY(auto frames, log_->read(from));
  std::uint64_t published = from;
  while (true) {
    CARNET_TRY(const auto frame, frames->next());
    if (frame.empty()) {
      break;
    }
    CARNET_TRY_VOID(state_->fold_frame(frame));
    // A long fold keeps its memory bounded and is not begun again from the start after a kill.
    if (!options_.read_only && state_->tip.position - published >= options_.checkpoint_events) {
      state_->publish_fold();
      published = state_->tip.position;
      CARNET_TRY_VOID(publish_checkpoint());
    }
  }
  state_->publish_fold();
  report.replayed_events = state_->tip.position - from;
  return {};
}

Status Engine::check_genesis() {
  StoredCommit genesis;
  codec::EventReader reader;
  CARNET_TRY(const bool found, genesis.load(frame_loader(), 1));
  if (!found || genesis.head().number != 0) {
    return Error(ErrorCode::kCorruption, "LogDamaged", "the log does not begin with its genesis: restore a backup");
  }
  CARNET_TRY(const codec::StoredEvent* event, reader.read(genesis.bytes().events.front()));
  const store::TypeEntry* entry = state_->catalog->type(event->type);
  if (entry == nullptr || entry->name != "LedgerCreated") {
    return Error(ErrorCode::kCorruption, "LogDamaged", "the log does not begin with LedgerCreated: restore a backup");
  }
  CARNET_TRY(const auto type, state_->types->stored(*entry, event->revision));
  std::string json;
  type->append_json(event->payload, {}, json);
  if (const std::uint64_t version = json_number(json, "formatVersion"); version > kFormatVersion) {
    return Error(ErrorCode::kUnsupportedFormat, "FormatTooNew",
                 "the ledger was created by a newer Carnet: upgrade Carnet",
                 {{"formatVersion", fmt::to_string(version)}, {"supported", fmt::to_string(kFormatVersion)}});
  }
  const auto id = base::from_hex(json_text(json, "ledgerId"));
  if (!id || id->size() != ledger_id_.size()) {
    return Error(ErrorCode::kCorruption, "LogDamaged", "the genesis holds no ledger id: restore a backup");
  }
  Digest16 stored{};
  std::memcpy(stored.data(), id->data(), stored.size());
  if (floor_ && stored != ledger_id_) {
    return Error(ErrorCode::kCorruption, "LogDamaged",
                 "FLOOR and log belong to different ledgers: somebody mixed two folders; put the right files back",
                 {{"floor", base::to_hex(ledger_id_)}, {"log", base::to_hex(stored)}});
  }
  ledger_id_ = stored;
  return {};
}

Status Engine::start(OpenReport& /*report*/) {
  preparer_ = std::make_unique<Preparer>(
      *state_, frame_loader(), [this] { return keys(false); }, PrepareOptions{options_.id_exempt, ledger_id_});
  SequencerOptions sequencer;
  sequencer.durability = options_.durability;
  sequencer.condition_candidates_max = options_.condition_candidates_max;
  sequencer.group_requests_max = options_.group_requests_max;
  sequencer.accept_clock = options_.accept_clock;
  sequencer_ = std::make_unique<Sequencer>(*state_, *log_, *preparer_, frame_loader(), *options_.clock,
                                           *options_.random, publish_mutex_, sequencer);
  sequencer_->set_durable(log_->durable_tail().position);
  sequencer_->set_on_published([this] {
    const std::lock_guard lock(head_mutex_);
    head_moved_.notify_all();
  });
  if (auto clock = sequencer_->start_clock(); !clock) {
    sequencer_.reset();
    return clock;
  }
  if (options_.background_work) {
    background_ = std::jthread([this](const std::stop_token& stop) { background(stop); });
    catch_up_->start();
  }
  return {};
}

Status Engine::write_genesis() {
  Request request;
  request.command = "genesis";
  request.actor = {"init", ActorKind::kSystem, "system"};
  request.channel = "system";
  const std::vector<std::uint64_t> closure = codec::log_schema_closure();
  std::string json;
  json += fmt::format(R"({{"formatVersion":{},"ledgerId":"{}","origin":)", kFormatVersion, base::to_hex(ledger_id_));
  codec::append_json_string(json, options_.genesis.origin);
  json += fmt::format(R"(,"hashSuite":"sha-256","createdAt":"{}","schemas":"{}"}})", to_text(options_.clock->now()),
                      base::to_hex(std::as_bytes(std::span(closure))));
  CARNET_TRY(const Outcome outcome, append_core("genesis", "ledger/self", "LedgerCreated", json, request));
  if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
    return Error(ErrorCode::kInvalidArgument, refusal->error,
                 fmt::format("the ledger cannot be created: {}", refusal->message));
  }
  return sequencer_->sync();
}

Result<Outcome> Engine::append_core(std::string command, std::string stream, std::string type, const std::string& json,
                                    const Request& envelope) {
  const auto index = state_->types->find(type);
  CARNET_ASSERT(index.has_value(), "the core's types are always known");
  std::vector<PersonalField> personal;
  auto made = state_->types->type(*index).from_json(json, personal);
  if (auto* fault = std::get_if<codec::PayloadFault>(&made)) {
    return Outcome(reject("I-E5", fault->error, fault->path, std::move(fault->message)));
  }
  Request request = envelope;
  request.command = std::move(command);
  request.versions = VersionPolicy::kAny;
  EventDraft draft;
  draft.stream = std::move(stream);
  draft.type = std::move(type);
  draft.occurred_at = options_.clock->now();
  draft.payload = std::get<Payload>(std::move(made));
  request.events.clear();
  request.events.push_back(std::move(draft));
  return sequencer_->append(request, true);
}

Error Engine::log_truncated(std::uint64_t floor) const {
  return {ErrorCode::kCorruption,
          "LogTruncated",
          "the log ends below what was promised to be on disk: restore a backup, or accept the loss with "
          "`carnet recover --accept-loss`",
          {{"floor", fmt::to_string(floor)}, {"head", fmt::to_string(state_->tip.position)}}};
}

Status Engine::accept_loss(const store::FloorMark& lost, bool both_lost, OpenReport& report) {
  if (!options_.accept_loss) {
    return log_truncated(lost.position);
  }
  const store::FloorMark now{state_->tip.position, state_->tip.commits, state_->tip.tree.compute_root()};
  if (both_lost) {
    std::error_code ignored;
    fs::remove(folder_ / "FLOOR.a", ignored);
    fs::remove(folder_ / "FLOOR.b", ignored);
    CARNET_TRY(floor_, store::Floor::create(base::real_file_system(), folder_.string(), ledger_id_, now));
  } else {
    CARNET_TRY_VOID(floor_->lower_after_accepted_loss(now));
  }
  Request request;
  request.actor = {options_.accept_loss_approver, ActorKind::kStaff, "operator"};
  request.channel = "system";
  const std::string json =
      fmt::format(R"({{"floorPosition":{},"floorCommits":{},"headPosition":{},"headCommits":{},"approver":"{}"}})",
                  lost.position, lost.commits, now.position, now.commits, options_.accept_loss_approver);
  CARNET_TRY(const Outcome outcome, append_core(fmt::format("accept-loss:{}:{}", lost.position, now.position),
                                                "ledger/self", "LossAccepted", json, request));
  if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
    return Error(ErrorCode::kInvalidArgument, refusal->error, refusal->message);
  }
  report.loss_accepted = true;
  return sequencer_->sync();
}

}  // namespace carnet::ledger
