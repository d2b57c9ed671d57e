// SPDX-License-Identifier: Apache-2.0
#include "navigation/protocol_file.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "data/error.h"
#include "data/text_file.h"

namespace precentral {
namespace {

// Takes fields of an object by name, remembers which were asked for, and says in a sentence what is wrong with one.
class Fields {
public:
    Fields(const nlohmann::json& object, std::string where) : object_(object), where_(std::move(where)) {
        if (!object.is_object()) {
            throw InputError(where_ + " is not a JSON object; \"precentral dose check --help\" shows an example.");
        }
    }

    std::optional<double> number(const char* name, double low, double high) {
        const nlohmann::json* value = find(name);
        if (value == nullptr) return std::nullopt;
        if (!value->is_number() || !std::isfinite(value->get<double>())) {
            throw InputError(where_ + ": \"" + name + "\" is not a number.");
        }
        const double out = value->get<double>();
        if (out < low || out > high) {
            char text[200];
            std::snprintf(text, sizeof text, ": \"%s\" is %.6g; it must lie within %.6g to %.6g.", name, out, low,
                          high);
            throw InputError(where_ + text);
        }
        return out;
    }
    std::optional<int> whole(const char* name, int low, int high) {
        const std::optional<double> value = number(name, low, high);
        if (value && *value != std::floor(*value))
            throw InputError(where_ + ": \"" + name + "\" is not a whole number.");
        return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
    }
    std::string text(const char* name) {
        const nlohmann::json* value = find(name);
        if (value == nullptr) return "";
        if (!value->is_string()) throw InputError(where_ + ": \"" + name + "\" is not a text.");
        return value->get<std::string>();
    }
    const nlohmann::json* find(const char* name) {
        asked_.insert(name);
        const auto it = object_.find(name);
        return it == object_.end() || it->is_null() ? nullptr : &*it;
    }
    template <class T>
    T needed(const char* name, const std::optional<T>& value) const {
        if (!value) {
            throw InputError(where_ + " lacks \"" + name + "\"; \"precentral dose check --help\" shows an example.");
        }
        return *value;
    }
    std::vector<std::string> ignored() const {
        std::vector<std::string> out;
        for (const auto& [key, value] : object_.items()) {
            if (!asked_.contains(key)) out.push_back(key);
        }
        return out;
    }
    const std::string& where() const { return where_; }

private:
    const nlohmann::json& object_;
    std::string where_;
    std::set<std::string> asked_;
};

// One quantity that goes by several names; two of them must agree.
std::optional<double> by_any_name(Fields& fields, std::initializer_list<const char*> names, double low, double high) {
    std::optional<double> out;
    for (const char* name : names) {
        const std::optional<double> value = fields.number(name, low, high);
        if (value && out && *value != *out) {
            throw InputError(fields.where() + ": \"" + name + "\" and \"" + *names.begin() +
                             "\" contradict each other.");
        }
        if (value) out = value;
    }
    return out;
}

constexpr int kMany = 1'000'000;
constexpr double kSmall = std::numeric_limits<double>::min();

std::optional<BurstPattern> read_pattern(Fields& fields, Protocol& protocol, std::optional<double> frequency_hz) {
    const std::string pattern = fields.text("pattern");
    const std::optional<double> burst_hz = fields.number("burst_hz", kSmall, 1e6);
    const std::optional<int> each = fields.whole("pulses_per_burst", 2, kMany);
    if (pattern.empty() || pattern == "regular") {
        if (burst_hz || each) {
            throw InputError(fields.where() + ": bursts need \"pattern\": \"bursts\" (or \"itbs\", \"ctbs\").");
        }
        protocol.frequency_hz = fields.needed("frequency_hz", frequency_hz);
        return std::nullopt;
    }
    BurstPattern out;
    if (pattern == "itbs" || pattern == "ctbs") {
        protocol.frequency_hz = frequency_hz.value_or(5.0);
        out.burst_hz = burst_hz.value_or(out.burst_hz);
        out.pulses_per_burst = each.value_or(out.pulses_per_burst);
    } else if (pattern == "bursts") {
        protocol.frequency_hz = fields.needed("frequency_hz", frequency_hz);
        out.burst_hz = fields.needed("burst_hz", burst_hz);
        out.pulses_per_burst = fields.needed("pulses_per_burst", each);
    } else {
        throw InputError(fields.where() + ": there is no pattern \"" + pattern +
                         "\"; choose regular, bursts, itbs or ctbs.");
    }
    return out;
}

void read_pulses(Fields& fields, const std::optional<BurstPattern>& bursts, Protocol& protocol) {
    const std::optional<int> pulses = fields.whole("pulses_per_train", 1, kMany);
    const std::optional<double> duration = fields.number("train_duration_s", kSmall, 1e6);
    if (!pulses && !duration) fields.needed("pulses_per_train", pulses);
    const double each = bursts ? bursts->pulses_per_burst : 1.0;
    const double lasting = each * protocol.frequency_hz * duration.value_or(0.0);
    protocol.pulses_per_train = pulses.value_or(static_cast<int>(std::clamp(std::round(lasting), 1.0, 1.0 * kMany)));
    if (duration && std::abs(lasting - protocol.pulses_per_train) > 0.5 * each) {
        throw InputError(fields.where() +
                         ": \"train_duration_s\", \"pulses_per_train\" and \"frequency_hz\" contradict "
                         "each other.");
    }
}

void read_intensity(Fields& fields, DosePlan& plan) {
    plan.rmt_mso = fields.number("rmt_mso", 1.0, 100.0);
    plan.limits.coil_max_mso = fields.number("coil_max_mso", 1.0, 100.0);
    const std::optional<double> percent = fields.number("intensity_percent_rmt", kSmall, 1000.0);
    const std::optional<double> mso = fields.number("intensity_mso", kSmall, 1000.0);
    if (!percent && mso && plan.rmt_mso) {
        plan.protocol.intensity_percent_rmt = 100.0 * *mso / *plan.rmt_mso;
        return;
    }
    plan.protocol.intensity_percent_rmt = fields.needed("intensity_percent_rmt", percent);
    if (mso && (!plan.rmt_mso || std::abs(*percent * *plan.rmt_mso / 100.0 - *mso) > 0.5 + 1e-9)) {
        throw InputError(fields.where() + ": \"intensity_mso\" is not \"intensity_percent_rmt\" of \"rmt_mso\".");
    }
}

}  // namespace

DosePlan read_dose_plan(const std::string& file, std::vector<std::string>& ignored) {
    constexpr std::size_t kLargestFile = 1 << 20;
    const nlohmann::json parsed = nlohmann::json::parse(read_text_file(file, kLargestFile), nullptr, false);
    const std::string where = "\"" + file + "\"";
    if (parsed.is_discarded()) {
        throw InputError(where + " is not JSON; \"precentral dose check --help\" shows an example.");
    }
    Fields fields(parsed, where);
    DosePlan plan;
    Protocol& p = plan.protocol;
    p.name = fields.text("name");
    plan.bursts = read_pattern(fields, p, fields.number("frequency_hz", kSmall, 1e6));
    p.trains = fields.whole("trains", 1, kMany).value_or(1);
    read_pulses(fields, plan.bursts, p);
    const auto pause = by_any_name(fields, {"train_pause_s", "pause_s", "inter_train_interval_s"}, 0.0, 1e6);
    p.pause_s = p.trains > 1 ? fields.needed("train_pause_s", pause) : pause.value_or(0.0);
    read_intensity(fields, plan);
    plan.limits.most_pulses_a_day = fields.whole("most_pulses_a_day", 1, kMany).value_or(plan.limits.most_pulses_a_day);
    plan.limits.most_pulses_a_week =
        fields.whole("most_pulses_a_week", 1, kMany).value_or(plan.limits.most_pulses_a_week);
    if (const nlohmann::json* earlier = fields.find("earlier_sessions")) {
        if (!earlier->is_array()) throw InputError(where + ": \"earlier_sessions\" is not a list.");
        for (const nlohmann::json& one : *earlier) {
            Fields session(one, where + ", earlier_sessions");
            plan.earlier.push_back({session.needed("days_ago", session.number("days_ago", 0.0, 1e6)),
                                    session.needed("pulses", session.whole("pulses", 0, kMany))});
        }
    }
    ignored = fields.ignored();
    return plan;
}

}  // namespace precentral
