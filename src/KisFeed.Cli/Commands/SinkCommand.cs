using KisFeed.Capture;
using KisFeed.Cli.Storing;
using KisFeed.PostgreSql;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed sink</c>: stores a capture in PostgreSQL.</summary>
internal sealed class SinkCommand : KisFeedCommand
{
    private readonly Argument<string?> _folder =
        new("CAPTURE") { Description = "The folder of a capture, which a recorder may be writing to.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Argument<string?> _database = new("DATABASE")
    {
        Description =
            $"postgres://USER@HOST:PORT/DATABASE?sslmode=require, or a connection string of Npgsql. [{DatabaseOptions.AddressVariable}]",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly SwitchOption _status = new("--status", "Show what is stored, instead of storing.");
    private readonly SwitchOption _update = new("--update-schema",
        "Create or update the schema, as the role that is to own it, instead of storing.");
    private readonly SwitchOption _once = new("--once", "End at the end of the capture, instead of following the recorder.");
    private readonly DatabaseOptions _options = new();
    private readonly ValueOption<string> _name = new("--name", "NAME",
        "The name of the capture: its position in the database belongs to it. Captures that share a schema need different names and "
            + "different feeds.")
    { DefaultValueFactory = _ => "default" };

    private readonly SwitchOption _notices = new("--notices", "Store order notices too. They hold account numbers, orders and fills.");
    private readonly Option<int?> _keepDays = CommonOptions.KeepDays(
        "Keep the last N days in Korea in the database, today included; drop earlier ones. Only the owner of the "
        + "schema may do this. [keep all]");

    private readonly CatalogOptions _catalog = new();
    private readonly TextOrJsonOption _format = new("The format of the status: text; or JSON, one object per line each second.");
    private readonly ChoiceOption<LogLevel> _log = CommonOptions.Log(LogLevel.None);
    private readonly ChoiceOption<LogFormat> _logFormat = CommonOptions.LogFormat();

    public SinkCommand(CommandHost host)
        : base(host, "sink", "Store a capture in PostgreSQL in typed tables, each record exactly once, while a recorder writes to it or "
            + "afterwards. It continues where it ended.")
    {
        _folder.RefuseOptions();
        _database.RefuseOptions();
        this.AddAll(
            [
                _folder, _database, _status, _update, _once, .. _options.All, _name, _notices, _keepDays, .. _catalog.All, _format, _log,
                _logFormat,
            ]);
        this.Exclude(_status, _update);
        Validators.Add(result =>
        {
            var (status, update) = (result.GetValue(_status), result.GetValue(_update));
            if ((status || update) && result.GetValue(_database) is not null)
                result.AddError($"{(status ? "--status" : "--update-schema")} takes only the database.");
            else if (!status && !update && (result.GetValue(_folder) is not { } folder || DatabaseAddress.IsUri(folder)))
                result.AddError("The folder of the capture is missing: kisfeed sink CAPTURE DATABASE.");
        });
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed sink capture postgres://kisfeed@localhost/market",
            "until Ctrl-C; the password from KISFEED_PG_PASSWORD, PGPASSWORD or ~/.pgpass"),
        ("kisfeed sink /data/capture --once", "what there is, and end; the database from KISFEED_POSTGRES"),
        ("kisfeed sink /data/capture postgres://kisfeed@db:5432/market?sslmode=verify-full --password-file /run/secrets/pg --format json",
            "as a service"),
        ("kisfeed sink /data/capture postgres://kisfeed@localhost/market --keep-days 90", "earlier days are dropped from the database"),
        ("kisfeed sink --status postgres://kisfeed_reader@localhost/market",
            "what is stored: records, last times and positions of each feed"),
        ("kisfeed sink --update-schema postgres://kisfeed_owner@localhost/market",
            "creates the tables as their owner, for a role that only writes"),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.MalformedData, "--once: everything is stored, and some of it is malformed: the table malformed has it"),
        (ExitCode.Refused, "the password is wrong, a right or the database is missing, another sink stores the capture, "
            + "or the schema is of another version"),
        (ExitCode.ConnectionLost, "--status, --update-schema: the database cannot be reached; a sink retries"),
        (ExitCode.DataLost, "--once: a part of the capture cannot be read, so it is not stored; the rest is"),
        (ExitCode.Interrupted, "--once, --status, --update-schema: interrupted; otherwise Ctrl-C ends normally"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var isStatus = arguments.GetValue(_status);
        if (!isStatus && !arguments.GetValue(_update))
        {
            return await StoreAsync(
                arguments,
                arguments.GetRequiredValue(_folder)!,
                _options.Read(Host, arguments, arguments.GetValue(_database)),
                cancellationToken);
        }
        var database = _options.Read(Host, arguments, arguments.GetValue(_folder));
        try
        {
            await (isStatus ? ReportAsync(arguments, database, cancellationToken) : UpdateAsync(arguments, database, cancellationToken));
            return ExitCode.Success;
        }
        catch (PostgreSqlSinkException e)
        {
            throw new CommandException(SinkText.Of(e.Message), SinkText.ExitCodeOf(e));
        }
        catch (ArgumentException e)
        {
            throw new CommandException(SinkText.Of(e), e);
        }
    }

    private async Task ReportAsync(ParseResult arguments, Database database, CancellationToken cancellationToken)
    {
        var schema = _options.SchemaOf(arguments);
        var stored = await PostgreSqlSchema.ReadStoredAsync(database.ConnectionString, schema, cancellationToken);
        var captures = new StoredCaptures(stored, schema, database);
        await _format.WriteAsync(Host, arguments, captures.WriteText, captures.ToJson, cancellationToken);
    }

    private async Task UpdateAsync(ParseResult arguments, Database database, CancellationToken cancellationToken)
    {
        var schema = _options.SchemaOf(arguments);
        await PostgreSqlSchema.UpdateAsync(database.ConnectionString, schema, cancellationToken);
        Host.WriteMessage($"kisfeed: the schema {schema} of {database} is up to date");
    }

    private async Task<int> StoreAsync(ParseResult arguments, string folder, Database database, CancellationToken cancellationToken)
    {
        var once = arguments.GetValue(_once);
        if (File.Exists(folder) || (once && !Directory.Exists(folder)))
            throw new CommandException($"{folder} is not a folder: give the folder of a capture, as in 'kisfeed record --dir'");
        using var log = new HostLog(Host, _log.Read(arguments), _logFormat.Read(arguments));
        var target = $"{_options.SchemaOf(arguments)} of {database}";
        await using var sink = SinkSession.Start(new PostgreSqlSinkOptions
        {
            ConnectionString = database.ConnectionString,
            Directory = folder,
            Schema = _options.SchemaOf(arguments),
            Capture = arguments.GetRequiredValue(_name),
            Follow = !once,
            Notices = arguments.GetValue(_notices),
            KeepDays = arguments.GetValue(_keepDays),
            Catalog = _catalog.Read(Host, arguments),
            LoggerFactory = log,
            TimeProvider = Host.Time,
            StopTimeout = CommandHost.StopTimeout,
        });
        await using var output = new BestEffortOutput<RecordingSinkStatus>(
            Host, _format.IsJson(arguments) ? SinkOutputs.Json(Host) : SinkOutputs.Text(Host, target), "the status", "storing");
        Host.WriteMessage($"kisfeed: storing {folder} in {target}");
        var (end, isComplete) = await new SinkSession(Host, sink, output).RunAsync(cancellationToken);
        if (!once)
            return ExitCode.Success;
        if (!isComplete)
            return ExitCode.Interrupted;
        return end.Malformed > 0 ? ExitCode.MalformedData : ExitCode.Success;
    }
}
