using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using KisFeed.Capture;
using KisFeed.Cli.Storing;
using KisFeed.Gateway;
using KisFeed.PostgreSql;
using KisFeed.RabbitMq;

namespace KisFeed.Cli.Gateways;

/// <summary>The options of a gateway that stores its recording in PostgreSQL, or publishes it to a RabbitMQ cluster, or both.</summary>
internal sealed class GatewaySinkOptions(ClusterOptions cluster)
{
    private readonly ValueOption<string[]> _sinks = new("--sink", "DATABASE|CLUSTER",
        UiText.Of(
            "Store the recording in this PostgreSQL database too, as 'kisfeed sink' does: postgres://USER@HOST:PORT/DATABASE "
                + $"[{DatabaseOptions.AddressVariable}]. Or publish it to the streams of this RabbitMQ cluster: "
                + "amqp://USER@HOST:PORT/VHOST or amqps://…, several nodes separated by commas. It may be slow or absent. May be given "
                + "for each.",
            $"'kisfeed sink'처럼 기록을 이 PostgreSQL 데이터베이스에도 저장: postgres://USER@HOST:PORT/DATABASE [{DatabaseOptions.AddressVariable}]. 또는 "
                + "이 RabbitMQ 클러스터의 스트림에 올림: amqp://USER@HOST:PORT/VHOST나 amqps://…, 노드가 여럿이면 쉼표로 구분. 느리거나 꺼져 있어도 됩니다. 각각 한 번씩 쓸 수 있습니다."))
    {
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly DatabaseOptions _database = new("--sink-");
    private readonly ValueOption<string?> _source = new("--sink-source", "ID",
        UiText.Of(
            "The id of this gateway among all that publish to the cluster, the same at each start: 1 to 64 bytes. [the name of the "
                + "machine, and a hash of the folder of --record]",
            "클러스터에 올리는 게이트웨이들 가운데 이 게이트웨이의 ID. 시작할 때마다 같아야 하며 1~64바이트. [컴퓨터 이름과 --record 폴더의 해시]"));

    public Option Addresses => _sinks;

    /// <summary>The options of a database and a cluster in detail.</summary>
    public Option[] Details => [.. _database.All, _source];

    public void Validate(Command command, Option<string?> record)
    {
        command.Validators.Add(result =>
        {
            if (!result.IsGiven(_sinks))
                return;
            var texts = result.GetResult(_sinks)!.Tokens.Select(token => token.Value).ToList();
            var clusters = texts.Count(ClusterAddress.IsAddress);
            if (clusters > 1)
            {
                result.AddError(UiText.Of(
                    $"{_sinks.Name}: there is more than one cluster: separate the nodes of one by commas.",
                    $"{_sinks.Name}: 클러스터가 둘 이상입니다. 한 클러스터의 노드는 쉼표로 이으세요."));
            }
            if (texts.Count - clusters > 1)
                result.AddError(UiText.Of($"{_sinks.Name}: there is more than one database.", $"{_sinks.Name}: 데이터베이스가 둘 이상입니다."));
            if (result.GetValue(record) is null)
            {
                result.AddError(clusters > 0 ? UiText.Of(
                    $"{_sinks.Name} needs {record.Name}: while the cluster is away, frames are only recorded, and are published from "
                        + "there afterwards.",
                    $"{_sinks.Name}: {record.Name} 옵션이 필요합니다. 클러스터에 접속하지 못하는 동안 프레임을 기록해 두었다가 나중에 올립니다.") : UiText.Of(
                        $"{_sinks.Name} needs {record.Name}.",
                        $"{_sinks.Name}: {record.Name} 옵션이 필요합니다."));
            }
        });
    }

    /// <summary>
    /// Returns what starts the sink; <see langword="null"/> if there is none. Options that are not valid are found here, before the gateway
    /// starts.
    /// </summary>
    public Func<IMeterFactory, IRecordingSink>? Read(
        CommandHost host, ParseResult arguments, string? folder, bool notices, FeedCatalog catalog, HostLog log)
    {
        if (folder is null || arguments.GetResult(_sinks) is not { Implicit: false } given)
            return null;

        // Without an address the sink is the database of the environment, also beside a cluster, because --sink may be given twice.
        var texts = arguments.GetValue(_sinks) ?? [];
        var address = texts.FirstOrDefault(text => !ClusterAddress.IsAddress(text));
        if (address is null && texts.Length > 0 && given.IdentifierTokenCount <= texts.Length)
            return null;
        var database = _database.Read(host, arguments, address, _sinks);
        var options = new PostgreSqlSinkOptions
        {
            ConnectionString = database.ConnectionString,
            Directory = folder,
            Schema = _database.SchemaOf(arguments),
            Notices = notices,
            Catalog = catalog,
            LoggerFactory = log,
            TimeProvider = host.Time,
            StopTimeout = CommandHost.StopTimeout,
        };
        return meters => SinkSession.Start(options with { MeterFactory = meters });
    }

    /// <summary>
    /// Returns what starts the publisher; <see langword="null"/> if there is none. Options that are not valid are found here, before the
    /// gateway starts.
    /// </summary>
    public Func<FramePublisherContext, RabbitMqPublisher>? ReadPublisher(
        CommandHost host, ParseResult arguments, string? folder, HostLog log)
    {
        if (folder is null || (arguments.GetValue(_sinks) ?? []).FirstOrDefault(ClusterAddress.IsAddress) is not { } address)
            return null;
        var options = cluster.Read(host, arguments, address, log, _sinks);
        var source = arguments.GetValue(_source) ?? SourceOf(folder);
        return context => Start(context, new RabbitMqPublisherOptions
        {
            Cluster = options with { MeterFactory = context.MeterFactory },
            Source = source,
            Recorder = context.Recorder,
            StopTimeout = CommandHost.StopTimeout,
        });
    }

    /// <summary>
    /// The id of a gateway that has none: the name of the machine, and a hash of the folder of its recording. It is the same at each start.
    /// </summary>
    private static string SourceOf(string folder)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(folder))))[..8];
        var machine = string.Concat(
            Environment.MachineName.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '-').Take(48));
        return $"{machine}-{hash}";
    }

    private static RabbitMqPublisher Start(FramePublisherContext context, RabbitMqPublisherOptions options)
    {
        try
        {
            return RabbitMqPublisher.Start(context.Frames, options);
        }
        catch (Exception e) when (e is ArgumentException or RabbitMqException)
        {
            throw new CommandException(e.Message, e);
        }
    }
}
