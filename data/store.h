// SPDX-License-Identifier: Apache-2.0
// The record of every case: facts are appended, never rewritten. One interface; SQLite by default, PostgreSQL by URL,
// memory for rehearsals; the same tests run over all.
//
// A store object belongs to the thread that opened it. Every add is durable when it returns; it gives the record's id
// and throws Error in one sentence when the disk is full, read-only or gone (nothing is then half-written), InputError
// when the record names a case, session or other record that the store does not hold.
// Text is UTF-8: a zero character, and bytes that are not UTF-8, are kept as U+FFFD; a byte order mark at the start is
// dropped. A number that is NaN is kept as "not known": it comes back as NaN, or as an empty optional. All else comes
// back bit by bit (but for the sign of a zero).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/records.h"

namespace precentral {

class Store {
public:
    Store() = default;
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    virtual ~Store() = default;

    virtual void add_case(const Case& patient) = 0;  // throws InputError when the code exists
    virtual RecordId add(const ImageRecord& image) = 0;
    virtual RecordId add(const Session& session) = 0;
    virtual RecordId add(const RegistrationRecord& registration) = 0;
    virtual RecordId add(const LandmarkTouches& touches) = 0;
    virtual RecordId add(const CoilCalibrationRecord& calibration) = 0;
    virtual RecordId add(const TargetRecord& target) = 0;
    virtual RecordId add(const HotspotRecord& hotspot) = 0;
    virtual RecordId add(const ThresholdRecord& threshold) = 0;
    virtual RecordId add(const Outcome& outcome) = 0;
    virtual RecordId add(const SessionEvent& event) = 0;
    // All in one transaction: either every pulse is durable or none is.
    virtual void add(std::span<const Pulse> pulses) = 0;

    virtual std::vector<Case> cases() const = 0;
    // Throws InputError when there is none of that code.
    virtual Case case_of(const std::string& code) const = 0;
    // All in the order they were added.
    virtual std::vector<ImageRecord> images(const std::string& case_code) const = 0;
    virtual std::vector<Session> sessions(const std::string& case_code) const = 0;
    virtual std::vector<RegistrationRecord> registrations(RecordId session) const = 0;
    virtual std::vector<LandmarkTouches> landmark_touches(RecordId session) const = 0;
    virtual std::vector<CoilCalibrationRecord> calibrations(RecordId session) const = 0;
    virtual std::vector<TargetRecord> targets(RecordId session) const = 0;
    virtual std::vector<HotspotRecord> hotspots(RecordId session) const = 0;
    virtual std::vector<ThresholdRecord> thresholds(RecordId session) const = 0;
    virtual std::vector<Pulse> pulses(RecordId session) const = 0;
    virtual std::vector<Outcome> outcomes(RecordId session) const = 0;
    virtual std::vector<SessionEvent> events(RecordId session) const = 0;
};

// `url` is a file path (SQLite; made when absent), a postgresql://user@host:port/database URL, ":memory:" (its own), or
// ":memory:NAME" (one memory for all in this process who give that name, gone when the last of them closes).
// Throws InputError when the place cannot hold a store or holds something else, Error when it cannot be reached.
std::unique_ptr<Store> open_store(const std::string& url);
// The same, but throws InputError when there is no store yet: a mistyped path must not start a second record.
std::unique_ptr<Store> open_existing_store(const std::string& url);
// Only to look at: a SQLite file may lie in a read-only place, an older schema stays as it is, every add throws Error.
// Throws InputError when there is no store yet.
std::unique_ptr<Store> open_store_to_read(const std::string& url);

// A fresh code: "PRC-" and eight base-32 characters from the system's random source.
std::string random_case_code();

}  // namespace precentral
