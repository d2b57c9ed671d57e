// SPDX-License-Identifier: Apache-2.0
#include "data/markers/marker_files.h"

#include <algorithm>
#include <array>

#include "data/error.h"
#include "data/markers/formats.h"
#include "data/markers/marker_text.h"
#include "data/text_fields.h"
#include "data/text_file.h"

namespace precentral {
namespace {

using namespace markers;

struct Word {
    MarkerFormat format;
    const char* word;
    const char* extension;
};
constexpr std::array kWords = {
    Word{MarkerFormat::brainsight, "brainsight", ".txt"}, Word{MarkerFormat::localite, "localite", ".xml"},
    Word{MarkerFormat::visor2, "visor2", ".mrk"},         Word{MarkerFormat::stimguide, "stimguide", ".json"},
    Word{MarkerFormat::softaxic, "softaxic", ".stmpx"},   Word{MarkerFormat::invesalius, "invesalius", ".mkss"},
    Word{MarkerFormat::nibs_bids, "nibs-bids", ".tsv"},   Word{MarkerFormat::csv, "csv", ".csv"},
};

// By what the file holds; its name may say anything.
std::optional<MarkerFormat> format_of(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    const std::string_view start = text.substr(
        text.find_first_not_of(" \t\r\n") == std::string_view::npos ? text.size() : text.find_first_not_of(" \t\r\n"));
    const std::string_view line = start.substr(0, start.find('\n'));
    if (line.starts_with("##INVESALIUS3_MARKER_FILE_")) return MarkerFormat::invesalius;
    if (line.starts_with("# Version:")) return MarkerFormat::brainsight;
    if (line.starts_with("visor2 software version")) return MarkerFormat::visor2;
    if (line.starts_with("<")) {
        return text.substr(0, 2000).find("<stmp") != std::string_view::npos ? MarkerFormat::softaxic
                                                                            : MarkerFormat::localite;
    }
    if (line.starts_with("{")) {
        return text.find("\"TargetMarkers\"") != std::string_view::npos ? MarkerFormat::visor2
               : text.find("\"Stimuli\"") != std::string_view::npos ||
                       text.find("\"Targets\"") != std::string_view::npos
                   ? std::optional(MarkerFormat::stimguide)
                   : std::nullopt;
    }
    if (line.find("nibs_position_id") != std::string_view::npos) return MarkerFormat::nibs_bids;
    if (line.find(',') != std::string_view::npos) return MarkerFormat::csv;
    return std::nullopt;
}

// What a format has a place for.
struct Room {
    bool target_points = false, entries = false, pulse_points = false, untracked = false;
    bool time = false, utc = false, since_start = false, intensity = false, di_dt = false;
    bool mep = false, latency = false, aimed_at = false, landmarks = false, targets = true, pulses = true;
};

Room room_of(MarkerFormat format, SpaceKind space) {
    Room out;
    switch (format) {
        case MarkerFormat::brainsight:
            out.target_points = out.pulse_points = out.untracked = out.time = out.intensity = true;
            out.mep = out.latency = out.aimed_at = out.landmarks = true;
            break;
        case MarkerFormat::localite:
            out.target_points = out.entries = out.untracked = out.since_start = true;
            out.intensity = out.di_dt = out.mep = true;
            break;
        case MarkerFormat::visor2:
            out.targets = space == SpaceKind::scan;
            out.pulses = !out.targets;
            out.untracked = out.time = out.intensity = true;
            break;
        case MarkerFormat::stimguide:
            out.time = out.utc = out.intensity = out.mep = out.latency = out.aimed_at = true;
            break;
        case MarkerFormat::softaxic: out.utc = true; break;
        case MarkerFormat::nibs_bids:
            out.target_points = out.entries = out.pulse_points = out.untracked = true;
            out.time = out.utc = out.since_start = out.intensity = out.landmarks = true;
            break;
        case MarkerFormat::csv:
            out.target_points = out.entries = out.pulse_points = out.untracked = out.time = out.utc = true;
            out.since_start = out.intensity = out.di_dt = out.mep = out.latency = true;
            out.aimed_at = out.landmarks = true;
            break;
        case MarkerFormat::invesalius: break;
    }
    return out;
}

class Losses {
public:
    explicit Losses(const char* format) : format_(format) {}
    void add(bool kept, long n, const char* one, const char* many) {
        if (kept || n == 0) return;
        warnings.push_back(counted(static_cast<int>(n), one, many) + " not written: " + format_ +
                           " files have no place for " + (n == 1 ? "it." : "them."));
    }
    std::vector<std::string> warnings;

private:
    std::string format_;
};

std::vector<std::string> losses_of(const MarkerSet& set, const Room& room, const char* format) {
    Losses out(format);
    const auto targets = [&](auto is) { return std::count_if(set.targets.begin(), set.targets.end(), is); };
    const auto pulses = [&](auto is) { return std::count_if(set.pulses.begin(), set.pulses.end(), is); };
    out.add(room.targets, std::ssize(set.targets), "target", "targets");
    out.add(room.pulses, std::ssize(set.pulses), "pulse", "pulses");
    out.add(room.target_points || !room.targets, targets([](const auto& t) { return !t.pose; }),
            "target that is only a point", "targets that are only points");
    out.add(room.entries, targets([](const auto& t) { return t.entry.has_value(); }), "entry point", "entry points");
    if (room.pulses) {
        out.add(room.pulse_points, pulses([](const auto& p) { return !p.pose && p.point; }),
                "pulse with a place but no orientation", "pulses with a place but no orientation");
        out.add(room.untracked, pulses([](const auto& p) { return !p.is_tracked(); }), "untracked pulse",
                "untracked pulses");
        out.add(room.time || room.utc, pulses([](const auto& p) { return !p.time.empty(); }), "clock time",
                "clock times");
        if (room.time && !room.utc) {
            out.add(false, pulses([](const auto& p) { return p.time.ends_with('Z'); }), "mark of a time as UTC",
                    "marks of times as UTC");
        } else if (room.utc && !room.time) {
            out.add(false, pulses([](const auto& p) { return !p.time.empty() && !p.time.ends_with('Z'); }),
                    "clock time without a time zone", "clock times without a time zone");
        }
        out.add(room.since_start, pulses([](const auto& p) { return p.since_start_ms.has_value(); }),
                "time since the start", "times since the start");
        out.add(room.intensity, pulses([](const auto& p) { return p.intensity_mso.has_value(); }), "intensity",
                "intensities");
        out.add(room.di_dt, pulses([](const auto& p) { return p.di_dt_a_per_us.has_value(); }), "dI/dt", "dI/dt");
        out.add(room.mep, pulses([](const auto& p) { return p.mep_uv.has_value(); }), "MEP amplitude",
                "MEP amplitudes");
        out.add(room.latency, pulses([](const auto& p) { return p.mep_latency_ms.has_value(); }), "MEP latency",
                "MEP latencies");
        out.add(room.aimed_at, pulses([](const auto& p) { return !p.target.empty(); }), "name of a pulse's target",
                "names of pulses' targets");
    }
    out.add(room.landmarks, std::ssize(set.landmarks), "landmark", "landmarks");
    return out.warnings;
}

void require_space(const MarkerSet& set, MarkerFormat format) {
    const auto refuse = [&](const char* what) {
        throw InputError(std::string("These positions are in ") + to_words(set.space) + "; a " + to_word(format) +
                         " file would place them in " + what +
                         ". Write them as csv or nibs-bids, which name the space.");
    };
    const bool scan = set.space == SpaceKind::scan;
    const bool mni = set.space == SpaceKind::mni;
    switch (format) {
        case MarkerFormat::brainsight:
            if (scan || mni || set.space == SpaceKind::image_corner) return;
            if (set.format == "brainsight") return;  // its own template spaces
            return refuse("an MRI");
        case MarkerFormat::localite:
            if (!scan && !mni) refuse("an MRI");
            return;
        case MarkerFormat::visor2:
            if (!scan && set.space != SpaceKind::head) refuse("an MRI");
            return;
        case MarkerFormat::stimguide:
            if (set.space != SpaceKind::head) refuse("a head without an MRI");
            return;
        case MarkerFormat::softaxic:
            if (!scan) refuse("an MRI");
            return;
        case MarkerFormat::invesalius:
            throw InputError(
                "InVesalius places markers in the coordinates of its own image, so a .mkss cannot be written "
                "without it; write brainsight, localite or csv.");
        case MarkerFormat::nibs_bids:
        case MarkerFormat::csv: return;
    }
}

}  // namespace

const char* to_words(SpaceKind kind) {
    switch (kind) {
        case SpaceKind::scan: return "the patient's MRI";
        case SpaceKind::mni: return "MNI space";
        case SpaceKind::head: return "the head without an MRI";
        case SpaceKind::image_corner: return "the image from its corner";
        case SpaceKind::unknown: return "a space not known";
    }
    return "a space not known";
}

int MarkerSet::untracked() const {
    return static_cast<int>(
        std::count_if(pulses.begin(), pulses.end(), [](const MarkerPulse& pulse) { return !pulse.is_tracked(); }));
}

const char* to_word(MarkerFormat format) {
    for (const Word& word : kWords) {
        if (word.format == format) return word.word;
    }
    return "csv";
}

MarkerFormat marker_format_from_word(const std::string& given) {
    const std::string wanted = given == "bids" ? "nibs-bids" : lower(given);
    std::string all;
    for (const Word& word : kWords) {
        if (wanted == word.word) return word.format;
        all += (all.empty() ? "" : ", ") + std::string(word.word);
    }
    throw InputError("\"" + given.substr(0, 60) + "\" is no format of markers; there are " + all + ".");
}

MarkerSet read_markers(const std::filesystem::path& file, const MarkerReading& how) {
    std::error_code unknown;
    if (std::filesystem::is_directory(file, unknown)) return read_localite_session(file, how);
    const std::string text = read_text_file(file.string());
    const std::string name = file.string();
    if (text.empty()) throw InputError("\"" + name + "\" is empty.");
    if (text.find('\0') != std::string::npos) throw InputError("\"" + name + "\" is not a text file of markers.");
    const auto format = how.format ? how.format : format_of(text);
    if (!format) {
        throw InputError("\"" + name + "\" is no file of markers that is known; name its format with --from.");
    }
    switch (*format) {
        case MarkerFormat::brainsight: return read_brainsight(name, text, how);
        case MarkerFormat::localite: return read_localite(name, text, how);
        case MarkerFormat::visor2: return read_visor2(name, text, how);
        case MarkerFormat::stimguide: return read_stimguide(name, text, how);
        case MarkerFormat::softaxic: return read_softaxic(name, text, how);
        case MarkerFormat::invesalius: return read_invesalius(name, text, how);
        case MarkerFormat::nibs_bids: return read_nibs_bids(name, text, how);
        case MarkerFormat::csv: return read_table(name, text, how);
    }
    throw InputError("\"" + name + "\" is no file of markers.");
}

MarkersWritten write_markers(const MarkerSet& markers, const std::filesystem::path& file,
                             std::optional<MarkerFormat> format) {
    if (!format) {
        const std::string extension = lower(file.extension().string());
        for (const Word& word : kWords) {
            if (extension == word.extension) format = word.format;
        }
        if (!format) {
            throw InputError("The name \"" + file.string() +
                             "\" does not tell the format to write; name it with --to.");
        }
    }
    require_space(markers, *format);
    std::vector<FileText> texts;
    switch (*format) {
        case MarkerFormat::brainsight: texts = brainsight_text(markers, file); break;
        case MarkerFormat::localite: texts = localite_text(markers, file); break;
        case MarkerFormat::visor2: texts = visor2_text(markers, file); break;
        case MarkerFormat::stimguide: texts = stimguide_text(markers, file); break;
        case MarkerFormat::softaxic: texts = softaxic_text(markers, file); break;
        case MarkerFormat::nibs_bids: texts = nibs_bids_text(markers, file); break;
        case MarkerFormat::csv:
        case MarkerFormat::invesalius: texts = table_text(markers, file); break;
    }
    MarkersWritten out;
    out.warnings = losses_of(markers, room_of(*format, markers.space), to_word(*format));
    for (const FileText& text : texts) {
        write_text_file(text.file.string(), text.text);
        out.files.push_back(text.file);
    }
    return out;
}

}  // namespace precentral
