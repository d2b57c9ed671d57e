// SPDX-License-Identifier: Apache-2.0
#include "ui/report/cohort_map_figure.h"

#include <QImage>
#include <algorithm>
#include <cmath>
#include <limits>

#include "data/cohort/synthetic.h"
#include "data/cohort/table_file.h"
#include "data/error.h"
#include "ui/report/canvas.h"

namespace precentral {
namespace {

constexpr double kWide_mm = 110.0, kTall_mm = 88.0;
constexpr int kPixelsPerMm = 12;
constexpr int kWide = static_cast<int>(kWide_mm) * kPixelsPerMm, kTall = static_cast<int>(kTall_mm) * kPixelsPerMm;

// Straight at the hand area from outside, midline up, front at the left.
struct View {
    Eigen::Vector3d centre{-36.0, -18.0, 58.0};
    Eigen::Vector3d outward = Eigen::Vector3d(-0.62, -0.02, 0.78).normalized();
    Eigen::Vector3d up = (Eigen::Vector3d::UnitX() - Eigen::Vector3d::UnitX().dot(outward) * outward).normalized();
    Eigen::Vector3d right = up.cross(outward);

    // Pixels, and how near the eye.
    Eigen::Vector3d project(const Eigen::Vector3d& p) const {
        const Eigen::Vector3d off = p - centre;
        return {(0.5 * kWide_mm + off.dot(right)) * kPixelsPerMm, (0.5 * kTall_mm - off.dot(up)) * kPixelsPerMm,
                off.dot(outward)};
    }
};

struct Pixel {
    float depth = -std::numeric_limits<float>::infinity();
    float shade = 0.0F;
    float value = std::numeric_limits<float>::quiet_NaN();
    float p = 1.0F;
};

std::vector<Pixel> rasterise(const Surface& surface, const MapPicture& picture) {
    const View view;
    std::vector<Pixel> out(static_cast<std::size_t>(kWide) * kTall);
    std::vector<Eigen::Vector3d> at;
    std::vector<float> shade;
    for (std::size_t i = 0; i < surface.vertices.size(); ++i) {
        at.push_back(view.project(surface.vertices[i].xyz));
        const Eigen::Vector3d& n = surface.normals[i].xyz;
        // Light from the eye and a little from above, so that folds are dark.
        const double light = 0.75 * std::max(0.0, n.dot(view.outward)) + 0.25 * std::max(0.0, n.dot(view.up));
        shade.push_back(static_cast<float>(std::clamp(0.38 + 0.68 * light, 0.0, 1.0)));
    }
    for (const auto& t : surface.triangles) {
        const auto a = static_cast<std::size_t>(t[0]), b = static_cast<std::size_t>(t[1]),
                   c = static_cast<std::size_t>(t[2]);
        const Eigen::Vector3d &pa = at[a], &pb = at[b], &pc = at[c];
        const double area = (pb.x() - pa.x()) * (pc.y() - pa.y()) - (pc.x() - pa.x()) * (pb.y() - pa.y());
        if (std::abs(area) < 1e-9) continue;
        const int x1 = std::max(0, static_cast<int>(std::floor(std::min({pa.x(), pb.x(), pc.x()}))));
        const int x2 = std::min(kWide - 1, static_cast<int>(std::ceil(std::max({pa.x(), pb.x(), pc.x()}))));
        const int y1 = std::max(0, static_cast<int>(std::floor(std::min({pa.y(), pb.y(), pc.y()}))));
        const int y2 = std::min(kTall - 1, static_cast<int>(std::ceil(std::max({pa.y(), pb.y(), pc.y()}))));
        for (int y = y1; y <= y2; ++y) {
            for (int x = x1; x <= x2; ++x) {
                const double wb = ((x - pa.x()) * (pc.y() - pa.y()) - (pc.x() - pa.x()) * (y - pa.y())) / area;
                const double wc = ((pb.x() - pa.x()) * (y - pa.y()) - (x - pa.x()) * (pb.y() - pa.y())) / area;
                const double wa = 1.0 - wb - wc;
                if (wa < 0.0 || wb < 0.0 || wc < 0.0) continue;
                const auto depth = static_cast<float>(wa * pa.z() + wb * pb.z() + wc * pc.z());
                Pixel& pixel = out[static_cast<std::size_t>(y) * kWide + static_cast<std::size_t>(x)];
                if (depth <= pixel.depth) continue;
                const auto mix = [&](double va, double vb, double vc) {
                    return static_cast<float>(wa * va + wb * vb + wc * vc);
                };
                pixel.depth = depth;
                pixel.shade = mix(shade[a], shade[b], shade[c]);
                pixel.value = mix(picture.values[a], picture.values[b], picture.values[c]);
                pixel.p = picture.p.empty() ? 1.0F : mix(picture.p[a], picture.p[b], picture.p[c]);
            }
        }
    }
    return out;
}

QColor scale_colour(double share) {
    // Both ends equally dark; white in the middle.
    const QColor end = share < 0.0 ? QColor(0x5e, 0x2f, 0x8e) : QColor(0x0a, 0x5f, 0x45);
    const double s = std::min(1.0, std::abs(share));
    return QColor::fromRgbF(static_cast<float>(1.0 + s * (end.redF() - 1.0)),
                            static_cast<float>(1.0 + s * (end.greenF() - 1.0)),
                            static_cast<float>(1.0 + s * (end.blueF() - 1.0)));
}

QImage picture_of(const std::vector<Pixel>& pixels, double largest) {
    QImage image(kWide, kTall, QImage::Format_RGB32);
    const auto at = [&](int x, int y) -> const Pixel& {
        return pixels[static_cast<std::size_t>(std::clamp(y, 0, kTall - 1)) * kWide +
                      static_cast<std::size_t>(std::clamp(x, 0, kWide - 1))];
    };
    const auto edge = [&](int x, int y, int thick, auto inside) {
        if (!inside(at(x, y))) return false;
        for (int d = 1; d <= thick; ++d) {
            if (!inside(at(x - d, y)) || !inside(at(x + d, y)) || !inside(at(x, y - d)) || !inside(at(x, y + d)))
                return true;
        }
        return false;
    };
    const auto covered = [](const Pixel& p) { return std::isfinite(p.value); };
    const auto corrected = [](const Pixel& p) { return std::isfinite(p.value) && p.p < 0.05F; };
    for (int y = 0; y < kTall; ++y) {
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
        for (int x = 0; x < kWide; ++x) {
            const Pixel& p = at(x, y);
            if (!std::isfinite(p.depth)) {
                line[x] = qRgb(255, 255, 255);
                continue;
            }
            QColor colour(0xc8, 0xcb, 0xce);
            if (covered(p)) colour = scale_colour(p.value / largest);
            const double shade = p.shade;
            line[x] = qRgb(static_cast<int>(colour.red() * shade), static_cast<int>(colour.green() * shade),
                           static_cast<int>(colour.blue() * shade));
            if (edge(x, y, 3, covered)) line[x] = qRgb(0x17, 0x20, 0x2a);
            if (edge(x, y, 7, corrected)) line[x] = qRgb(0xd2, 0x7a, 0x00);
        }
    }
    return image;
}

std::string short_number(double v) {
    char text[32];
    std::snprintf(text, sizeof text, std::abs(v) >= 10.0 ? "%.0f" : "%.2g", v);
    return text;
}

}  // namespace

CohortFigure map_figure(const MapGround& ground, const MapPicture& picture) {
    if (ground.surface.empty()) throw InputError("A map on a grid has no picture; open its NIfTI files.");
    double largest = 0.0;
    for (const double v : picture.values) {
        if (std::isfinite(v)) largest = std::max(largest, std::abs(v));
    }
    if (!(largest > 0.0))
        throw InputError("The map \"" + picture.title + "\" is 0 everywhere; there is nothing to draw.");
    // Both ends of the scale are equally dark, so the largest of each sign is marked, where the eye can see it.
    const std::vector<Pixel> pixels = rasterise(ground.surface, picture);
    std::vector<std::pair<QPointF, QString>> marks;
    if (picture.both_signs) {
        for (const double sign : {1.0, -1.0}) {
            double best = 0.0;
            QPointF at;
            for (int y = 0; y < kTall; ++y) {
                for (int x = 0; x < kWide; ++x) {
                    const float v = pixels[static_cast<std::size_t>(y) * kWide + static_cast<std::size_t>(x)].value;
                    if (!(sign * v > best)) continue;
                    best = sign * v;
                    at = {static_cast<double>(x) / kWide, static_cast<double>(y) / kTall};
                }
            }
            if (best > 0.0) marks.emplace_back(at, sign > 0.0 ? QStringLiteral("+") : QStringLiteral("\u2212"));
        }
    }
    const QImage image = picture_of(pixels, largest);
    CohortFigure out;
    out.file = picture.file;
    out.title = picture.title;
    out.subtitle = picture.subtitle;
    out.footer = picture.footer;
    out.width = 560.0;
    out.height = 600.0;
    const bool both = picture.both_signs, corrected = !picture.p.empty();
    const std::string unit = picture.unit;
    out.draw = [image, marks, largest, both, corrected, unit](Canvas& canvas, const QRectF& area) {
        const double wide = std::min(area.width(), (area.height() - 62.0) * kWide_mm / kTall_mm),
                     tall = wide * kTall_mm / kWide_mm;
        const QRectF frame(area.left() + 0.5 * (area.width() - wide), area.top(), wide, tall);
        canvas.painter().drawImage(frame, image);
        canvas.rect(frame, Qt::transparent, ink::kRule);
        const View view;
        const PrintStyle on{.size = 11.5, .halo = true};
        for (const char* region : {"leg", "hand", "face"}) {
            const Eigen::Vector3d p = view.project(cohort::synthetic_area(region));
            const QPointF at(frame.left() + p.x() / kWide * wide, frame.top() + p.y() / kTall * tall);
            if (!frame.adjusted(8, 8, -8, -8).contains(at)) continue;
            canvas.disc(at, 3.0, ink::kText, ink::kPaper);
            canvas.text(at.x() + 8.0, at.y() - 6.0, region, on);
        }
        for (const auto& [at, sign] : marks) {
            canvas.text(frame.left() + at.x() * wide, frame.top() + at.y() * tall + 6.0, sign,
                        {.size = 18.0, .bold = true, .anchor = Anchor::middle, .halo = true});
        }
        canvas.text(frame.left() + 8.0, frame.top() + 18.0, "front", on);
        canvas.text(frame.right() - 8.0, frame.top() + 18.0, "back",
                    {.size = 11.5, .anchor = Anchor::end, .halo = true});
        canvas.text(frame.right() - 8.0, frame.bottom() - 10.0, "left side",
                    {.size = 11.5, .anchor = Anchor::end, .halo = true});
        const double mm20 = 20.0 / kWide_mm * wide;
        canvas.line(frame.left() + 10.0, frame.bottom() - 9.0, frame.left() + 10.0 + mm20, frame.bottom() - 9.0,
                    ink::kText, 2.4);
        canvas.text(frame.left() + 10.0, frame.bottom() - 15.0, "20 mm", on);
        const double top = frame.bottom() + 12.0, left = frame.left(), bar = 0.42 * wide;
        constexpr int kSteps = 60;
        for (int i = 0; i < kSteps; ++i) {
            const double share = both ? -1.0 + 2.0 * (i + 0.5) / kSteps : (i + 0.5) / kSteps;
            canvas.rect({left + bar * i / kSteps, top, bar / kSteps + 0.6, 11.0}, scale_colour(share));
        }
        canvas.rect({left, top, bar, 11.0}, Qt::transparent, ink::kMuted);
        const PrintStyle tick{.size = 11.0, .colour = ink::kMuted, .anchor = Anchor::middle};
        canvas.text(left + 10.0, top + 26.0, words(both ? "\xE2\x88\x92" + short_number(largest) : "0"), tick);
        if (both) canvas.text(left + 0.5 * bar, top + 26.0, "0", tick);
        canvas.text(left + bar - 10.0, top + 26.0, words((both ? "+" : "") + short_number(largest)), tick);
        canvas.text(left, top + 43.0, words(unit), {.size = 11.0, .colour = ink::kMuted});
        const double key = left + bar + 26.0;
        canvas.rect({key, top, 13.0, 11.0}, QColor(0xb0, 0xb3, 0xb6), ink::kText, 1.2);
        canvas.text(key + 20.0, top + 10.0, "grey: too few to say", {.size = 11.0, .colour = ink::kMuted});
        if (!corrected) return;
        canvas.rect({key, top + 18.0, 13.0, 11.0}, Qt::transparent, QColor(0xd2, 0x7a, 0x00), 2.0);
        canvas.text(key + 20.0, top + 28.0, "corrected p below 0.05", {.size = 11.0, .colour = ink::kMuted});
    };
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < picture.values.size(); ++i) {
        if (!std::isfinite(picture.values[i])) continue;
        const Eigen::Vector3d& at = ground.places.mni[i];
        rows.push_back({cohort::csv_number(at.x()), cohort::csv_number(at.y()), cohort::csv_number(at.z()),
                        cohort::csv_number(picture.values[i]),
                        picture.p.empty() ? "" : cohort::csv_number(picture.p[i])});
    }
    out.csv = cohort::csv_text({"x", "y", "z", "value", "p"}, rows);
    return out;
}

}  // namespace precentral
