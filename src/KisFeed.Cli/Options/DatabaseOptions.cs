using KisFeed.Hosting;
using KisFeed.PostgreSql;
using Npgsql;

namespace KisFeed.Cli.Options;

/// <summary>
/// The options of a PostgreSQL database. Its password never needs to be on the command line, where other users of the machine see it.
/// </summary>
internal sealed class DatabaseOptions(
    string prefix = "--", string addressVariable = DatabaseOptions.AddressVariable, string schema = PostgreSqlSinkOptions.DefaultSchema)
{
    public const string AddressVariable = "KISFEED_POSTGRES";

    public const string PasswordVariable = "KISFEED_PG_PASSWORD";

    private const string PostgreSqlPasswordVariable = "PGPASSWORD";
    private const string HostVariable = "PGHOST";

    private readonly ValueOption<string> _schema = new($"{prefix}schema", "NAME",
        "The schema of the tables: lower-case letters, digits and underscores. Created if it does not exist and the role may create it.")
    {
        DefaultValueFactory = _ => schema,
    };

    private readonly ValueOption<string?> _passwordFile = new($"{prefix}password-file", "FILE",
        $"A file with the password, which other users may not read. [{PasswordVariable}{SecretVariable.FileSuffix}, else the password in "
            + $"{PasswordVariable}, {PostgreSqlPasswordVariable} or ~/.pgpass]");

    public Option[] All => [_schema, _passwordFile];

    public string SchemaOf(ParseResult arguments) => arguments.GetRequiredValue(_schema);

    /// <summary>Returns the database of an argument or an option, or of the environment if there is none.</summary>
    public Database Read(CommandHost host, ParseResult arguments, string? address, Option? option = null)
    {
        var text = address ?? host.Variable(addressVariable) ?? throw new CommandException(
            $"the database is missing: add its address, e.g. postgres://kisfeed@localhost/market, or set {addressVariable}");
        var settings = option.Parse(() => DatabaseAddress.Parse(text));
        if (address is not null && host.HasOnCommandLine(address) && settings.Password is { Length: > 0 })
        {
            host.WriteMessage("kisfeed: warning: other users of this machine can see the password in the list of processes: "
                + $"use {PasswordVariable}, {_passwordFile.Name} or {addressVariable} instead");
        }
        if (string.IsNullOrEmpty(settings.Host))
            settings.Host = host.Variable(HostVariable) ?? "localhost";
        var (password, readPassword) = ReadPassword(
            host, arguments, hasPassword: settings.Password is { Length: > 0 } || settings.Passfile is { Length: > 0 });
        if (password is not null)
            settings.Password = password;
        return new Database(settings.ConnectionString, NameOf(settings)) { ReadPassword = readPassword };
    }

    // A file on the command line takes precedence over the address, and the address over the environment.
    private (string? Password, Func<string>? Again) ReadPassword(CommandHost host, ParseResult arguments, bool hasPassword)
    {
        var file = arguments.GetValue(_passwordFile);
        if (hasPassword && file is null)
            return (null, null);
        var secret = Read();
        if (secret.Warning is { } warning)
            throw new CommandException(warning);
        var isFile = !string.IsNullOrWhiteSpace(VariableOf(host, PasswordVariable + SecretVariable.FileSuffix, file));
        return (secret.Value ?? host.Variable(PostgreSqlPasswordVariable), isFile ? () => Read().Value! : null);

        SecretVariable Read() => SecretVariable.Read(name => VariableOf(host, name, file), PasswordVariable);
    }

    private static string? VariableOf(CommandHost host, string name, string? file)
    {
        if (file is null)
            return host.Variable(name);
        return name == PasswordVariable + SecretVariable.FileSuffix ? file : null;
    }

    private static string NameOf(NpgsqlConnectionStringBuilder settings)
    {
        var host = settings.Port == NpgsqlConnection.DefaultPort ? settings.Host : $"{settings.Host}:{settings.Port}";
        return settings.Database is { Length: > 0 } name ? $"{name} on {host}" : $"the database on {host}";
    }
}

internal sealed record Database(string ConnectionString, string Name)
{
    /// <summary>
    /// Reads the file with the password again, which may have changed; <see langword="null"/> if the password is not in a file.
    /// </summary>
    public Func<string>? ReadPassword { get; init; }

    public override string ToString() => Name;
}
