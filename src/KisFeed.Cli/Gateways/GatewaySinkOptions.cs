using System.CommandLine;
using System.Diagnostics.Metrics;
using KisFeed.Capture;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Cli.Storing;
using KisFeed.Gateway;
using KisFeed.PostgreSql;
using KisFeed.Wire;

namespace KisFeed.Cli.Gateways;

/// <summary>The options of a gateway that stores its recording in PostgreSQL.</summary>
internal sealed class GatewaySinkOptions
{
    private readonly Option<string?> _sink = new("--sink")
    {
        Description = $"Store the recording in this PostgreSQL database too, as 'kisfeed sink' does: postgres://USER@HOST:PORT/DATABASE [{DatabaseOptions.AddressVariable}]. It may be slow or absent.",
        HelpName = "DATABASE",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly DatabaseOptions _database = new("--sink-");

    /// <summary>Adds these options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="record">The option with the folder of the recording.</param>
    public void AddTo(Command command, Option<string?> record)
    {
        command.Add(_sink);
        _database.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_sink) is { Implicit: false } && result.GetValue(record) is null)
                result.AddError($"{_sink.Name} needs {record.Name}.");
        });
    }

    /// <summary>Returns what starts the sink; <see langword="null"/> if there is none. Options that are not valid are found here, before the gateway starts.</summary>
    /// <exception cref="CommandException">An option is not valid.</exception>
    /// <exception cref="KisFeedConfigurationException">The file with the password cannot be read.</exception>
    public Func<IMeterFactory, IRecordingSink>? Read(CommandHost host, ParseResult arguments, string? folder, bool notices, FeedCatalog catalog, HostLog log)
    {
        if (folder is null || arguments.GetResult(_sink) is not { Implicit: false })
            return null;
        var database = _database.Read(host, arguments, arguments.GetValue(_sink));
        var options = new PostgreSqlSinkOptions
        {
            ConnectionString = database.ConnectionString,
            Directory = folder,
            Schema = _database.SchemaOf(arguments),
            Notices = notices,
            Catalog = catalog,
            LoggerFactory = log,
            TimeProvider = host.Time,
        };
        return meters => Start(options with { MeterFactory = meters });
    }

    private static PostgreSqlRecordingSink Start(PostgreSqlSinkOptions options)
    {
        try
        {
            return new PostgreSqlRecordingSink(PostgreSqlSink.Start(options), new PostgreSqlArchive(options));
        }
        catch (ArgumentException e)
        {
            throw new CommandException(SinkText.Of(e), e);
        }
    }

    private sealed class PostgreSqlRecordingSink(PostgreSqlSink sink, PostgreSqlArchive archive) : IRecordingSink
    {
        public RecordingSinkStatus Status => StatusOf(sink.Status);

        public ICaptureArchive Archive => archive;

        public async ValueTask DisposeAsync()
        {
            await sink.DisposeAsync().ConfigureAwait(false);
            await archive.DisposeAsync().ConfigureAwait(false);
        }

        private static RecordingSinkStatus StatusOf(PostgreSqlSinkStatus status) => new()
        {
            IsStoring = status is { Problem: null, HasEnded: false },
            ProblemSince = status.ProblemSince,
            Problem = status.ProblemSummary,
            LastStoredAt = status.LastStoredAt,
            Records = status.Records,
            LagBytes = status.LagBytes,
            Lag = status.Feeds.Count == 0 ? TimeSpan.Zero : status.Feeds.Max(feed => feed.Lag),
        };
    }
}
