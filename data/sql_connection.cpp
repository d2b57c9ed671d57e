// SPDX-License-Identifier: Apache-2.0
#include "data/sql_connection.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QPluginLoader>
#include <QSqlDriver>
#include <QSqlDriverPlugin>
#include <QSqlError>
#include <QSqlQuery>
#include <QSqlRecord>
#include <QVariant>
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <map>
#include <mutex>

#include "data/error.h"
#include "data/sql_failure.h"

namespace precentral {
namespace {

struct DriverName {
    const char* key;
    const char* file;
    const char* package;
};
constexpr DriverName kSqlite{"QSQLITE", "libqsqlite.so", "libqt6sql6-sqlite"};
constexpr DriverName kPostgresql{"QPSQL", "libqsqlpsql.so", "libqt6sql6-psql"};

// QSqlDatabase keeps its connections in a registry of the application object, which a plain program, a test and a
// worker thread may not have. The driver alone needs none.
std::unique_ptr<QSqlDriver> make_driver(const DriverName& name) {
    static std::mutex loading;
    const std::lock_guard lock(loading);
    const QStringList folders = QCoreApplication::libraryPaths();
    for (const QString& folder : folders) {
        const QString file = folder + "/sqldrivers/" + name.file;
        if (!QFileInfo::exists(file)) continue;
        QPluginLoader loader(file);
        auto* plugin = qobject_cast<QSqlDriverPlugin*>(loader.instance());
        if (plugin == nullptr) {
            throw Error("The database driver " + file.toStdString() +
                        " cannot be loaded: " + loader.errorString().toStdString() + ".");
        }
        std::unique_ptr<QSqlDriver> driver(plugin->create(name.key));
        if (driver) return driver;
    }
    throw Error(std::string("The database driver ") + name.key + " is missing; install the package " + name.package +
                ".");
}

QString to_text(const std::string& text) {
    QString out = QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
    out.replace(QChar(0), QChar(QChar::ReplacementCharacter));
    // Read back, the databases drop these; dropped here, what is kept is what was counted into the audit.
    while (out.startsWith(QChar(QChar::ByteOrderMark)) || out.startsWith(QChar(QChar::ByteOrderSwapped)))
        out.remove(0, 1);
    return out;
}

QVariant to_variant(const SqlValue& value, SqlEngine engine) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return QVariant(qlonglong{*whole});
    if (const auto* text = std::get_if<std::string>(&value)) return QVariant(to_text(*text));
    if (const auto* number = std::get_if<double>(&value); number != nullptr && !std::isnan(*number)) {
        if (engine == SqlEngine::sqlite) return QVariant(*number);
        // As a quoted literal: the driver would write -0.0 and infinities as something else.
        if (std::isinf(*number)) return QVariant(QString(*number > 0.0 ? "Infinity" : "-Infinity"));
        std::array<char, 32> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), *number).ptr;
        return QVariant(QString::fromLatin1(digits.data(), end - digits.data()));
    }
    return {};
}

SqlValue from_variant(const QVariant& value) {
    switch (value.typeId()) {
        case QMetaType::Bool:
        case QMetaType::Int:
        case QMetaType::UInt:
        case QMetaType::LongLong:
        case QMetaType::ULongLong: return std::int64_t{value.toLongLong()};
        case QMetaType::Double: return value.toDouble();
        default: return value.toString().toStdString();
    }
}

// A file whose place cannot be written. Without a log beside it nobody can be writing, and SQLite must be told so:
// it would want to make the log's index there. https://www.sqlite.org/wal.html#readonly
QString read_only_uri(const std::string& path) {
    std::error_code unknown;
    const std::string whole = std::filesystem::absolute(path, unknown).string();
    const std::filesystem::path log(whole + "-wal");
    const bool has_log = std::filesystem::exists(log, unknown) && std::filesystem::file_size(log, unknown) > 0;
    const QByteArray escaped = QByteArray::fromStdString(whole).toPercentEncoding("/");
    return "file:" + QString::fromLatin1(escaped) + (has_log ? "?mode=ro" : "?immutable=1");
}

[[noreturn]] void fail(const StoreAddress& address, const QSqlError& error) {
    throw_sql_failure(address, error.nativeErrorCode().toStdString(), error.databaseText().toStdString());
}

}  // namespace

SqlValue as_kept(const SqlValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) {
        // Plain ASCII, nearly all there is, stays as it is.
        const bool plain = std::all_of(text->begin(), text->end(), [](char c) { return c > 0; });
        return plain ? *text : to_text(*text).toStdString();
    }
    if (const auto* number = std::get_if<double>(&value)) {
        if (std::isnan(*number)) return {};
        if (*number == 0.0) return 0.0;
    }
    return value;
}

struct SqlConnection::Driver {
    std::unique_ptr<QSqlDriver> driver;
    std::map<std::string, QSqlQuery> prepared;

    ~Driver() {
        prepared.clear();  // statements before the connection they belong to
        if (driver) driver->close();
    }
    QSqlQuery& statement(const StoreAddress& address, const std::string& text) {
        const auto known = prepared.find(text);
        if (known != prepared.end()) return known->second;
        QSqlQuery query(driver->createResult());
        query.setForwardOnly(true);
        if (!query.prepare(QString::fromStdString(text))) fail(address, query.lastError());
        return prepared.emplace(text, std::move(query)).first->second;
    }
};

SqlConnection::SqlConnection(const StoreAddress& address, int busy_ms, SqlAccess access)
    : address_(address), access_(access), driver_(std::make_unique<Driver>()) {
    const QString busy = QString("QSQLITE_BUSY_TIMEOUT=%1").arg(busy_ms);
    if (address.engine == SqlEngine::sqlite) {
        driver_->driver = make_driver(kSqlite);
        QString file = to_text(address.path);
        QString options = busy;
        if (!address.in_memory) {
            if (access == SqlAccess::write) {
                require_writable_place(address.path);
            } else if (!require_readable_store(address.path)) {
                file = read_only_uri(address.path);
                options += ";QSQLITE_OPEN_URI;QSQLITE_OPEN_READONLY";
            }
        } else if (address.path.empty()) {
            file = ":memory:";
        } else {
            file = "file:/" + file + "?vfs=memdb";  // one memory for all who give this name
            options += ";QSQLITE_OPEN_URI";
        }
        if (!driver_->driver->open(file, {}, {}, {}, -1, options)) fail(address_, driver_->driver->lastError());
        if (access == SqlAccess::read) run("PRAGMA query_only = ON");
        return;
    }
    driver_->driver = make_driver(kPostgresql);
    QString options = to_text(address.options);
    if (!options.contains("connect_timeout")) options += options.isEmpty() ? "connect_timeout=5" : ";connect_timeout=5";
    if (!driver_->driver->open(to_text(address.database), to_text(address.user), to_text(address.password),
                               to_text(address.host), address.port, options)) {
        std::string why = driver_->driver->lastError().databaseText().toStdString();
        while (!why.empty() && (why.back() == '\n' || why.back() == '.')) why.pop_back();
        for (char& c : why) c = c == '\n' ? ' ' : c;
        throw Error(address.shown() + " cannot be opened (" + why +
                    "). Check the address, the network, the user and that the server runs.");
    }
    if (access == SqlAccess::read) run("SET default_transaction_read_only = on");
}

SqlConnection::~SqlConnection() = default;

void SqlConnection::run(const std::string& statement, const std::vector<SqlValue>& values,
                        const std::function<void(const SqlRow&)>& each) {
    // Only what is filled in again and again is worth keeping prepared.
    QSqlQuery once(driver_->driver->createResult());
    once.setForwardOnly(true);
    QSqlQuery* query = values.empty() ? &once : &driver_->statement(address_, statement);
    // On every way out, also when `each` throws: a statement left open would keep its lock.
    struct Finish {
        QSqlQuery* query;
        ~Finish() { query->finish(); }
    } const finish{query};
    bool ran = false;
    if (values.empty()) {
        ran = once.exec(QString::fromStdString(statement));
    } else {
        for (std::size_t i = 0; i < values.size(); ++i) {
            query->bindValue(static_cast<int>(i), to_variant(values[i], address_.engine));
        }
        ran = query->exec();
    }
    if (!ran) fail(address_, query->lastError());
    if (!each) return;
    const int columns = query->record().count();
    SqlRow row;
    while (query->next()) {
        row.clear();
        for (int i = 0; i < columns; ++i) {
            row.push_back(query->isNull(i) ? SqlValue() : from_variant(query->value(i)));
        }
        each(row);
    }
    // A failure while fetching must not pass for the end of the rows.
    if (query->lastError().isValid()) fail(address_, query->lastError());
}

SqlValue SqlConnection::one(const std::string& statement, const std::vector<SqlValue>& values) {
    SqlValue out;
    bool found = false;
    run(statement, values, [&](const SqlRow& row) {
        if (!found && !row.empty()) out = row.front();
        found = true;
    });
    return out;
}

SqlTransaction::SqlTransaction(SqlConnection& connection) : connection_(connection) {
    if (connection_.transactions_ == 0) {
        connection_.run(connection_.address().engine == SqlEngine::sqlite ? "BEGIN IMMEDIATE" : "BEGIN");
        connection_.spoilt_ = false;
    }
    ++connection_.transactions_;
}

SqlTransaction::~SqlTransaction() {
    if (!open_) return;
    connection_.spoilt_ = true;
    if (--connection_.transactions_ > 0) return;
    try {
        connection_.run("ROLLBACK");
    } catch (const Error&) {
        // The database undid it by itself (disk full, connection lost): what failed has been said already.
    }
}

void SqlTransaction::commit() {
    if (connection_.spoilt_) {
        throw Error("A part of what was to be written into " + connection_.address().shown() +
                    " together was refused; nothing was written.");
    }
    if (connection_.transactions_ == 1) connection_.run("COMMIT");
    --connection_.transactions_;
    open_ = false;
}

}  // namespace precentral
