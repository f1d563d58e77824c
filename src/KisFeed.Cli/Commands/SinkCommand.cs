using KisFeed.Capture;
using KisFeed.Cli.Storing;
using KisFeed.PostgreSql;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed sink</c>: stores a capture in PostgreSQL.</summary>
internal sealed class SinkCommand : KisFeedCommand
{
    private readonly Argument<string?> _folder =
        new("CAPTURE")
        {
            Description = UiText.Of(
            "The folder of a capture, which a recorder may be writing to.",
            "기록 폴더. 아직 기록하고 있어도 됩니다."),
            Arity = ArgumentArity.ZeroOrOne
        };
    private readonly Argument<string?> _database = new("DATABASE")
    {
        Description =
            UiText.Of(
                "postgres://USER@HOST:PORT/DATABASE?sslmode=require, or a connection string of Npgsql. "
                    + $"[{DatabaseOptions.AddressVariable}]",
                $"postgres://USER@HOST:PORT/DATABASE?sslmode=require, 또는 Npgsql의 연결 문자열. [{DatabaseOptions.AddressVariable}]"),
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly SwitchOption _status = new("--status", UiText.Of(
        "Show what is stored, instead of storing.",
        "저장하지 않고, 저장된 것을 보여 줌."));
    private readonly SwitchOption _update = new("--update-schema",
        UiText.Of(
            "Create or update the schema, as the role that is to own it, instead of storing.",
            "저장하지 않고, 스키마를 만들거나 변경. 소유자가 될 역할(role)로 실행합니다."));
    private readonly SwitchOption _once = new("--once", UiText.Of(
        "End at the end of the capture, instead of following the recorder.",
        "계속 기다리지 않고 기록의 끝에서 종료."));
    private readonly DatabaseOptions _options = new();
    private readonly ValueOption<string> _name = new("--name", "NAME",
        UiText.Of(
            "The name of the capture: its position in the database belongs to it. Captures that share a schema need different names and "
                + "different feeds.",
            "기록의 이름. 데이터베이스에 저장한 위치를 이 이름으로 구별합니다. 한 스키마를 함께 쓰는 기록은 이름도 피드도 서로 달라야 합니다."))
    { DefaultValueFactory = _ => "default" };

    private readonly SwitchOption _notices = new("--notices", UiText.Of(
        "Store order notices too. They hold account numbers, orders and fills.",
        "주문 통보도 저장. 계좌번호, 주문, 체결이 들어 있습니다."));
    private readonly Option<int?> _keepDays = CommonOptions.KeepDays(
        UiText.Of(
            "Keep the last N days in Korea in the database, today included; drop earlier ones. Only the owner of the schema may do this. "
                + "[keep all]",
            "오늘을 포함해 최근 N일(한국 시각)만 데이터베이스에 두고 그 전 것은 삭제. 스키마 소유자만 할 수 있습니다. [모두 보관]"));

    private readonly CatalogOptions _catalog = new();
    private readonly TextOrJsonOption _format = new(UiText.Of(
        "The format of the status: text; or JSON, one object per line each second.",
        "상태의 형식: 텍스트, 또는 1초마다 한 줄에 하나의 JSON 객체."));
    private readonly ChoiceOption<LogLevel> _log = CommonOptions.Log(LogLevel.None);
    private readonly ChoiceOption<LogFormat> _logFormat = CommonOptions.LogFormat();

    public SinkCommand(CommandHost host)
        : base(host, "sink", UiText.Of(
            "Store a capture in PostgreSQL in typed tables, each record exactly once, while a recorder writes to it or afterwards. It "
                + "continues where it ended.",
            "기록을 PostgreSQL의 타입이 있는 테이블에 레코드마다 정확히 한 번씩 저장. 기록하는 중이든 끝난 뒤든 됩니다. 멈춘 곳부터 이어집니다."))
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
            {
                result.AddError(UiText.Of(
                    $"{(status ? "--status" : "--update-schema")} takes only the database.",
                    $"{(status ? "--status" : "--update-schema")}: 인수로 데이터베이스만 씁니다."));
            }
            else if (!status && !update && (result.GetValue(_folder) is not { } folder || DatabaseAddress.IsUri(folder)))
            {
                result.AddError(UiText.Of(
                    "The folder of the capture is missing: kisfeed sink CAPTURE DATABASE.",
                    "기록 폴더가 없습니다: kisfeed sink CAPTURE DATABASE."));
            }
        });
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed sink capture postgres://kisfeed@localhost/market",
            UiText.Of(
                "until Ctrl-C; the password from KISFEED_PG_PASSWORD, PGPASSWORD or ~/.pgpass",
                "Ctrl-C까지. 비밀번호는 KISFEED_PG_PASSWORD, PGPASSWORD, ~/.pgpass에서")),
        ("kisfeed sink /data/capture --once", UiText.Of(
            "what there is, and end; the database from KISFEED_POSTGRES",
            "지금 있는 것만 저장하고 종료. 데이터베이스는 KISFEED_POSTGRES에서")),
        ("kisfeed sink /data/capture postgres://kisfeed@db:5432/market?sslmode=verify-full --password-file /run/secrets/pg --format json",
            UiText.Of("as a service", "서비스로")),
        ("kisfeed sink /data/capture postgres://kisfeed@localhost/market --keep-days 90", UiText.Of(
            "earlier days are dropped from the database",
            "그 전날의 데이터는 데이터베이스에서 삭제")),
        ("kisfeed sink --status postgres://kisfeed_reader@localhost/market",
            UiText.Of("what is stored: records, last times and positions of each feed", "저장된 것: 피드마다 레코드 수, 마지막 시각, 위치")),
        ("kisfeed sink --update-schema postgres://kisfeed_owner@localhost/market",
            UiText.Of("creates the tables as their owner, for a role that only writes", "쓰기만 하는 역할(role)을 위해 소유자로 테이블을 만듦")),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.MalformedData, UiText.Of(
            "--once: everything is stored, and some of it is malformed: the table malformed has it",
            "--once: 모두 저장했지만 읽을 수 없는 데이터가 있음. malformed 테이블에 있음")),
        (ExitCode.Refused, UiText.Of(
            "the password is wrong, a right or the database is missing, another sink stores the capture, or the schema is of another "
                + "version",
            "비밀번호가 틀렸거나, 권한이나 데이터베이스가 없거나, 다른 sink가 이 기록을 저장하고 있거나, 스키마의 버전이 다름")),
        (ExitCode.ConnectionLost, UiText.Of(
            "--status, --update-schema: the database cannot be reached; a sink retries",
            "--status, --update-schema: 데이터베이스에 접속하지 못함. 저장할 때는 다시 시도합니다")),
        (ExitCode.DataLost, UiText.Of(
            "--once: a part of the capture cannot be read, so it is not stored; the rest is",
            "--once: 기록 일부를 읽을 수 없어 저장하지 못함. 나머지는 저장했음")),
        (ExitCode.Interrupted, UiText.Of(
            "--once, --status, --update-schema: interrupted; otherwise Ctrl-C ends normally",
            "--once, --status, --update-schema: 중단됨. 그 밖의 Ctrl-C는 정상 종료")),
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
        Host.WriteMessage(UiText.Of(
            $"kisfeed: the schema {schema} of {database} is up to date",
            $"kisfeed: {database}의 스키마 {schema}: 최신 상태입니다"));
    }

    private async Task<int> StoreAsync(ParseResult arguments, string folder, Database database, CancellationToken cancellationToken)
    {
        var once = arguments.GetValue(_once);
        if (File.Exists(folder) || (once && !Directory.Exists(folder)))
        {
            throw new CommandException(UiText.Of(
                $"{folder} is not a folder: give the folder of a capture, as in 'kisfeed record --dir'",
                $"{folder}: 폴더가 아닙니다. 'kisfeed record --dir'처럼 기록 폴더를 쓰세요"));
        }
        using var log = new HostLog(Host, _log.Read(arguments), _logFormat.Read(arguments));
        var target = UiText.Of($"{_options.SchemaOf(arguments)} of {database}", $"{database}의 {_options.SchemaOf(arguments)}");
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
            Host, _format.IsJson(arguments) ? SinkOutputs.Json(Host) : SinkOutputs.Text(Host, target), UiText.Of(
                "the status",
                "상태"), UiText.Of(
                "storing",
                "저장"));
        Host.WriteMessage(UiText.Of($"kisfeed: storing {folder} in {target}", $"kisfeed: {folder} 기록을 {target}에 저장합니다"));
        var (end, isComplete) = await new SinkSession(Host, sink, output).RunAsync(cancellationToken);
        if (!once)
            return ExitCode.Success;
        if (!isComplete)
            return ExitCode.Interrupted;
        return end.Malformed > 0 ? ExitCode.MalformedData : ExitCode.Success;
    }
}
