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
        UiText.Of(
            "The schema of the tables: lower-case letters, digits and underscores. Created if it does not exist and the role may create "
                + "it.",
            "테이블의 스키마: 영문 소문자, 숫자, 밑줄. 없으면 권한이 있을 때 만듭니다."))
    {
        DefaultValueFactory = _ => schema,
    };

    private readonly ValueOption<string?> _passwordFile = new($"{prefix}password-file", "FILE",
        UiText.Of(
            $"A file with the password, which other users may not read. [{PasswordVariable}{SecretVariable.FileSuffix}, else the "
                + $"password in {PasswordVariable}, {PostgreSqlPasswordVariable} or ~/.pgpass]",
            $"비밀번호가 있는 파일. 다른 사용자가 읽을 수 없어야 합니다. [{PasswordVariable}{SecretVariable.FileSuffix}, 없으면 {PasswordVariable}이나 "
                + $"{PostgreSqlPasswordVariable}, ~/.pgpass의 비밀번호]"));

    public Option[] All => [_schema, _passwordFile];

    public string SchemaOf(ParseResult arguments) => arguments.GetRequiredValue(_schema);

    /// <summary>Returns the database of an argument or an option, or of the environment if there is none.</summary>
    public Database Read(CommandHost host, ParseResult arguments, string? address, Option? option = null)
    {
        var text = address ?? host.Variable(addressVariable) ?? throw new CommandException(
            UiText.Of(
                $"the database is missing: add its address, e.g. postgres://kisfeed@localhost/market, or set {addressVariable}",
                $"데이터베이스 주소가 없습니다. 주소를 적거나(예: postgres://kisfeed@localhost/market) {addressVariable}을 설정하세요"));
        var settings = option.Parse(() => DatabaseAddress.Parse(text));
        if (address is not null && host.HasOnCommandLine(address) && settings.Password is { Length: > 0 })
        {
            host.WriteMessage(UiText.Of(
                $"kisfeed: warning: other users of this machine can see the password in the list of processes: use {PasswordVariable}, "
                    + $"{_passwordFile.Name} or {addressVariable} instead",
                $"kisfeed: 경고: 이 컴퓨터의 다른 사용자가 프로세스 목록에서 비밀번호를 볼 수 있습니다. {PasswordVariable}나 {_passwordFile.Name}, {addressVariable}을 쓰세요"));
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
        return settings.Database is { Length: > 0 } name ? UiText.Of(
            $"{name} on {host}",
            $"{host}의 {name}") : UiText.Of($"the database on {host}", $"{host}의 데이터베이스");
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
