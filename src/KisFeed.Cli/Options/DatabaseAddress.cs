using System.Text.RegularExpressions;
using Npgsql;

namespace KisFeed.Cli.Options;

/// <summary>
/// The address of a PostgreSQL database: a URI as libpq reads it (<c>postgres://user@host:port/database?sslmode=require</c>), or a
/// connection string of Npgsql. Messages quote nothing of it, because a password may be in the wrong place.
/// </summary>
internal static partial class DatabaseAddress
{
    private static string Form => UiText.Of(
        "use postgres://USER@HOST:PORT/DATABASE, several hosts separated by commas, with %XX for special characters in its parts, or "
            + "Host=…;Database=…;Username=…",
        "postgres://USER@HOST:PORT/DATABASE나 Host=…;Database=…;Username=…로 쓰세요. 호스트가 여럿이면 쉼표로 잇고, 특수 문자는 %XX로 씁니다");

    private static readonly Dictionary<string, Action<NpgsqlConnectionStringBuilder, string>> s_parameters = new(StringComparer.Ordinal)
    {
        ["host"] = (settings, value) => settings.Host = value,
        ["port"] = (settings, value) => settings.Port = int.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture),
        ["dbname"] = (settings, value) => settings.Database = value,
        ["user"] = (settings, value) => settings.Username = value,
        ["password"] = (settings, value) => settings.Password = value,
        ["passfile"] = (settings, value) => settings.Passfile = value,
        ["sslmode"] =
            (settings, value) => settings.SslMode = Enum.Parse<SslMode>(value.Replace("-", "", StringComparison.Ordinal), ignoreCase: true),
        ["sslrootcert"] = (settings, value) => settings.RootCertificate = value,
        ["sslcert"] = (settings, value) => settings.SslCertificate = value,
        ["sslkey"] = (settings, value) => settings.SslKey = value,
        ["channel_binding"] = (settings, value) => settings.ChannelBinding = Enum.Parse<ChannelBinding>(value, ignoreCase: true),
        ["connect_timeout"] = (settings, value) => settings.Timeout = int.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture),
        ["application_name"] = (settings, value) => settings.ApplicationName = value,
        ["target_session_attrs"] = (settings, value) => settings.TargetSessionAttributes = value,
        ["options"] = (settings, value) => settings.Options = value,
    };

    /// <summary>Whether a text has the form of a URI of a database.</summary>
    public static bool IsUri(string text) => Scheme().IsMatch(text);

    public static NpgsqlConnectionStringBuilder Parse(string text)
    {
        try
        {
            return IsUri(text)
                ? ParseUri(text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..])
                : new NpgsqlConnectionStringBuilder(text);
        }
        catch (CommandException)
        {
            throw;
        }
#pragma warning disable CA1031, MA0054 // The message may quote a part of a password, so it is not an inner exception either.
        catch (Exception)
        {
            throw new CommandException(UiText.Of($"the address of the database is not valid: {Form}", $"데이터베이스 주소가 올바르지 않습니다: {Form}"));
        }
#pragma warning restore CA1031, MA0054
    }

    /// <summary>Removes addresses of databases and passwords from a text, for messages that quote arguments.</summary>
    public static string Mask(string text) =>
        Secret().Replace(text, match => match.Groups["name"].Success ? $"{match.Groups["name"].Value}…" : "postgres://…");

    private static NpgsqlConnectionStringBuilder ParseUri(string text)
    {
        var (place, query) = Split(text, '?');
        var at = place.LastIndexOf('@');
        var (authority, database) = Split(at >= 0 ? place[(at + 1)..] : place, '/');
        var hosts = authority.Split(',').Select(part => HostAndPort().Match(part)).ToList();
        if (!hosts.TrueForAll(host => host.Success)
            || text.Contains('#', StringComparison.Ordinal)
            || (database?.Contains('/', StringComparison.Ordinal) ?? false))
        {
            throw new FormatException();
        }
        var settings = new NpgsqlConnectionStringBuilder();
        if (hosts.Count > 1)
        {
            // The servers of a database that fails over: only one of them accepts writes.
            settings.Host = string.Join(',', hosts.Select(host => Uri.UnescapeDataString(host.Value)));
            settings.TargetSessionAttributes = "primary";
        }
        else
        {
            if (hosts[0].Groups["host"].Value is { Length: > 0 } name)
                settings.Host = Uri.UnescapeDataString(name).Trim('[', ']');
            if (hosts[0].Groups["port"].Value is { Length: > 0 } port)
                settings.Port = int.Parse(port, NumberStyles.None, CultureInfo.InvariantCulture);
        }

        if (database is { Length: > 0 })
            settings.Database = Uri.UnescapeDataString(database);
        if (at >= 0)
        {
            var (user, password) = Split(place[..at], ':');
            if (user.Length > 0)
                settings.Username = Uri.UnescapeDataString(user);
            if (password is { Length: > 0 })
                settings.Password = Uri.UnescapeDataString(password);
        }

        foreach (var parameter in (query ?? "").Split('&', StringSplitOptions.RemoveEmptyEntries))
            Apply(settings, parameter);
        return settings;
    }

    private static void Apply(NpgsqlConnectionStringBuilder settings, string parameter)
    {
        var (name, value) = Split(parameter, '=');
        if (!s_parameters.TryGetValue(name, out var apply) || value is null)
        {
            throw new CommandException(UiText.Of(
                $"a parameter in the address of the database is not supported: use {string.Join(", ", s_parameters.Keys)}, or a "
                    + "connection string of Npgsql (Host=…;Database=…;Username=…)",
                $"데이터베이스 주소에 지원하지 않는 매개변수가 있습니다. {string.Join(", ", s_parameters.Keys)}, 또는 Npgsql의 연결 "
                    + "문자열(Host=…;Database=…;Username=…)을 쓰세요"));
        }
        apply(settings, Uri.UnescapeDataString(value));
    }

    private static (string First, string? Second) Split(string text, char separator) =>
        text.IndexOf(separator, StringComparison.Ordinal) is >= 0 and var at ? (text[..at], text[(at + 1)..]) : (text, null);

    [GeneratedRegex("^postgres(ql)?://", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Scheme();

    [GeneratedRegex(
        @"^(?<host>\[[0-9A-Fa-f:.%]+\]|[^:\[\],@]*)(:(?<port>[0-9]{1,5}))?\z",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex HostAndPort();

    [GeneratedRegex(
        @"postgres(ql)?://\S*|(?<name>\b(password|passwd|pwd)\s*=).*",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Secret();
}
