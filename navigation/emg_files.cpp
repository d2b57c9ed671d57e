// SPDX-License-Identifier: Apache-2.0
#include "navigation/emg_files.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <string_view>

#include "data/error.h"
#include "data/text_fields.h"
#include "data/text_file.h"
#include "navigation/emg_recording.h"
#include "navigation/matlab_file.h"

namespace precentral {
namespace {

constexpr double kFastestHz = 1e6;

std::vector<std::string_view> split(std::string_view line, char at) {
    std::vector<std::string_view> out;
    while (true) {
        const std::size_t end = line.find(at);
        std::string_view field = trimmed(line.substr(0, end));
        while (!field.empty() && field.front() == '"') field.remove_prefix(1);
        while (!field.empty() && field.back() == '"') field.remove_suffix(1);
        out.push_back(trimmed(field));
        if (end == std::string_view::npos) return out;
        line.remove_prefix(end + 1);
    }
}

void for_each_line(std::string_view text, const std::function<void(std::string_view, std::size_t)>& use) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        use(text.substr(0, end), number);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

void check_rate(double rate_hz, const std::string& path) {
    if (!std::isfinite(rate_hz) || rate_hz <= 0.0 || rate_hz > kFastestHz) {
        throw InputError(path + ": a sampling rate must lie within 0 and 1000000 a second.");
    }
}

double rate_of_table(const EmgFileOptions& options, const std::string& path) {
    if (!options.rate_hz) {
        throw InputError(path +
                         " does not say how fast it was sampled: give the sampling rate, and when the first row "
                         "was taken relative to the pulse.");
    }
    check_rate(*options.rate_hz, path);
    return *options.rate_hz;
}

// Milliseconds in one unit of a time column, by its heading; 0 for a heading that is none.
double milliseconds_in(std::string_view heading) {
    const std::string name = lower(heading);
    if (!name.starts_with("time") && name != "t" && name != "ms" && name != "s") return 0.0;
    const bool seconds = name == "s" || name.ends_with("_s") || name.find("[s]") != std::string::npos ||
                         name.find("(s)") != std::string::npos || name.find("sec") != std::string::npos;
    return seconds && name.find("msec") == std::string::npos && name.find("millisec") == std::string::npos ? 1000.0
                                                                                                           : 1.0;
}

std::vector<FiledSweep> read_table(const std::string& path, const EmgFileOptions& options) {
    const std::string text = read_text_file(path);
    std::vector<std::string> headings;
    std::vector<std::vector<double>> columns;
    char separator = ',';
    for_each_line(text, [&](std::string_view line, std::size_t number) {
        if (trimmed(line).empty() || line.front() == '#') return;
        if (columns.empty()) {
            for (const char c : {'\t', ';', ','}) {
                if (line.find(c) != std::string_view::npos) {
                    separator = c;
                    break;
                }
            }
        }
        const std::vector<std::string_view> fields = split(line, separator);
        if (columns.empty()) {
            columns.resize(fields.size());
            if (!number_in(fields[0])) {
                headings.assign(fields.begin(), fields.end());
                return;
            }
        }
        if (fields.size() != columns.size()) {
            throw InputError(path + ", line " + std::to_string(number) + ": " + std::to_string(fields.size()) +
                             " values where " + std::to_string(columns.size()) + " are expected.");
        }
        for (std::size_t c = 0; c < fields.size(); ++c) {
            const std::optional<double> value = number_in(fields[c]);
            if (!value) {
                throw InputError(path + ", line " + std::to_string(number) + ": \"" + std::string(fields[c]) +
                                 "\" is no number.");
            }
            columns[c].push_back(*value);
        }
    });
    if (columns.empty() || columns[0].size() < 2) {
        throw InputError(path + " holds no sweeps: rows of samples, a column for each pulse, are expected.");
    }
    if (!options.channel.empty()) {
        throw InputError(path + " is a table with a column for each pulse and has no channels; leave the channel \"" +
                         options.channel + "\" out.");
    }
    std::size_t first = 0;
    double rate_hz = 0.0;
    double start_ms = options.start_ms;
    if (const double unit = headings.empty() ? 0.0 : milliseconds_in(headings[0]); unit > 0.0) {
        const std::vector<double>& time = columns[0];
        const double step = (time.back() - time.front()) / static_cast<double>(time.size() - 1);
        for (std::size_t i = 1; i < time.size(); ++i) {
            if (!(std::abs(time[i] - time[i - 1] - step) < 0.1 * step)) {
                throw InputError(path + ": the times of its first column are not equally spaced.");
            }
        }
        rate_hz = 1000.0 / (unit * step);
        check_rate(rate_hz, path);
        start_ms = unit * time.front();
        first = 1;
    } else {
        rate_hz = rate_of_table(options, path);
    }
    std::vector<FiledSweep> out;
    for (std::size_t c = first; c < columns.size(); ++c) {
        FiledSweep filed;
        filed.label = headings.empty() ? "column " + std::to_string(c + 1) : headings[c];
        filed.sweep = {c - first + 1, rate_hz, start_ms, {}};
        for (const double value : columns[c]) {
            filed.sweep.microvolts.push_back(static_cast<float>(options.microvolts_per_unit * value));
        }
        out.push_back(std::move(filed));
    }
    return out;
}

std::vector<FiledSweep> read_matlab(const std::string& path, const EmgFileOptions& options) {
    const std::vector<MatlabMatrix> matrices = read_matlab_matrices(path);
    const auto found = std::find_if(matrices.begin(), matrices.end(), [&](const MatlabMatrix& matrix) {
        return options.channel.empty() ? matrix.rows >= 2 && matrix.columns >= 1 : matrix.name == options.channel;
    });
    if (found == matrices.end()) {
        std::string names;
        for (const MatlabMatrix& matrix : matrices) names += (names.empty() ? "" : ", ") + matrix.name;
        throw InputError(path + " holds no such matrix of sweeps" +
                         (names.empty() ? std::string(".") : "; it holds: " + names + "."));
    }
    const double rate_hz = rate_of_table(options, path);
    std::vector<FiledSweep> out;
    for (std::size_t c = 0; c < found->columns; ++c) {
        FiledSweep filed;
        filed.channel = found->name;
        filed.label = "column " + std::to_string(c + 1);
        filed.sweep = {c + 1, rate_hz, options.start_ms, {}};
        for (std::size_t r = 0; r < found->rows; ++r) {
            filed.sweep.microvolts.push_back(
                static_cast<float>(options.microvolts_per_unit * found->values[c * found->rows + r]));
        }
        out.push_back(std::move(filed));
    }
    return out;
}

std::vector<FiledSweep> cut_around_pulses(const EmgRecording& recording, const std::string& path,
                                          const EmgFileOptions& options) {
    if (!(options.before_ms > 0.0) || !(options.after_ms > 0.0) || options.before_ms + options.after_ms > 60000.0) {
        throw InputError("A sweep must reach from before the pulse to after it, and last at most a minute.");
    }
    const auto wanted = [&](const EmgChannel& channel) {
        return options.channel.empty() || channel.name == options.channel;
    };
    if (std::none_of(recording.channels.begin(), recording.channels.end(), wanted)) {
        std::string names;
        for (const EmgChannel& channel : recording.channels) names += (names.empty() ? "" : ", ") + channel.name;
        throw InputError(path + " has no channel \"" + options.channel + "\"; it has: " + names + ".");
    }
    std::vector<FiledSweep> out;
    std::uint64_t pulse = 0;
    for (const EmgMarker& marker : recording.markers) {
        if (!options.trigger.empty() && marker.text != options.trigger) continue;
        ++pulse;
        for (const EmgChannel& channel : recording.channels) {
            if (!wanted(channel)) continue;
            const double rate_hz = channel.sample_rate_hz;
            check_rate(rate_hz, path);
            const auto size = static_cast<double>(channel.microvolts.size());
            const double from = std::ceil((marker.seconds - 1e-3 * options.before_ms) * rate_hz - 1e-6);
            const double to = std::floor((marker.seconds + 1e-3 * options.after_ms) * rate_hz + 1e-6) + 1.0;
            const auto first = static_cast<std::ptrdiff_t>(std::clamp(from, 0.0, size));
            const auto last = static_cast<std::ptrdiff_t>(std::clamp(to, static_cast<double>(first), size));
            const double start_ms = 1e3 * (static_cast<double>(first) / rate_hz - marker.seconds);
            out.push_back({channel.name, marker.text,
                           EmgSweep{pulse,
                                    rate_hz,
                                    start_ms,
                                    {channel.microvolts.begin() + first, channel.microvolts.begin() + last}}});
        }
    }
    if (out.empty()) {
        throw InputError(path + (options.trigger.empty() ? std::string(" marks no pulses.")
                                                         : " marks no pulses as \"" + options.trigger + "\"."));
    }
    return out;
}

// Columns are found by their names: they differ between versions. The channels' data stand in "EMG Data 1", …; µV.
std::vector<FiledSweep> read_brainsight_emg(const std::string& path, const EmgFileOptions& options) {
    const std::string text = read_text_file(path);
    std::vector<std::string> headings;
    bool in_samples = false;
    bool any_samples = false;
    std::uint64_t pulse = 0;
    std::vector<FiledSweep> out;
    for_each_line(text, [&](std::string_view line, std::size_t number) {
        if (line.starts_with("#")) {
            in_samples = line.starts_with("# Sample Name\t");
            if (in_samples) {
                const auto names = split(line.substr(2), '\t');
                headings.assign(names.begin(), names.end());
                any_samples = true;
            }
            return;
        }
        if (!in_samples || trimmed(line).empty()) return;
        const std::vector<std::string_view> fields = split(line, '\t');
        ++pulse;
        const auto field = [&](std::string_view heading) {
            const auto at =
                static_cast<std::size_t>(std::find(headings.begin(), headings.end(), heading) - headings.begin());
            return at < fields.size() && fields[at] != "(null)" ? fields[at] : std::string_view{};
        };
        for (int channel = 1; channel <= 64; ++channel) {
            const std::string heading = "EMG Data " + std::to_string(channel);
            const std::string_view data = field(heading);
            const std::string name = std::to_string(channel);
            if (data.empty() || (!options.channel.empty() && options.channel != name)) continue;
            const auto start_ms = number_in(field("EMG Start"));
            const auto step_ms = number_in(field("EMG Res."));
            if (!start_ms || !step_ms || !(*step_ms > 0.0)) {
                throw InputError(path + ", line " + std::to_string(number) + ": EMG without its start and resolution.");
            }
            // The resolution is rounded to four digits: 0.3333 ms is 3000 a second.
            const double rate_hz = std::round(1000.0 / *step_ms);
            check_rate(rate_hz, path);
            FiledSweep filed{name, std::string(fields[0]), {pulse, rate_hz, *start_ms, {}}};
            for (const std::string_view item : split(data, ';')) {
                if (item.empty()) continue;
                const auto value = number_in(item);
                if (!value) {
                    throw InputError(path + ", line " + std::to_string(number) + ": \"" + std::string(item) + "\" in " +
                                     heading + " is no number.");
                }
                filed.sweep.microvolts.push_back(static_cast<float>(*value));
            }
            out.push_back(std::move(filed));
        }
    });
    if (!any_samples) throw InputError(path + " is no Brainsight export with samples.");
    if (out.empty()) throw InputError(path + " holds no EMG: Brainsight exports it with the samples when asked to.");
    return out;
}

}  // namespace

std::vector<FiledSweep> read_emg_sweeps(const std::string& path, const EmgFileOptions& options) {
    if (!std::isfinite(options.start_ms) || !std::isfinite(options.microvolts_per_unit) ||
        options.microvolts_per_unit == 0.0) {
        throw InputError("The start of the sweeps and the microvolts in a unit must be finite, the latter not zero.");
    }
    const std::string kind = lower(std::filesystem::path(path).extension().string());
    if (kind == ".mat") return read_matlab(path, options);
    if (kind == ".vhdr") return cut_around_pulses(read_brainvision(path), path, options);
    if (kind == ".eeg" || kind == ".vmrk") {
        const std::string header = std::filesystem::path(path).replace_extension(".vhdr").string();
        return cut_around_pulses(read_brainvision(header), header, options);
    }
    if (kind == ".edf" || kind == ".bdf") return cut_around_pulses(read_edf(path), path, options);
    if (kind == ".txt") return read_brainsight_emg(path, options);
    if (kind == ".csv" || kind == ".tsv") return read_table(path, options);
    throw InputError(path +
                     " is of no known kind: .csv, .tsv, .mat, .vhdr, .edf, .bdf and Brainsight's .txt are read.");
}

}  // namespace precentral
