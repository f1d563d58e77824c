using KisFeed.Capture;

namespace KisFeed.Cli.Captures;

/// <summary>The arguments that select captures, feeds, keys and times: the same in all commands that read captures.</summary>
internal sealed class CaptureSelection
{
    private readonly Argument<string[]> _paths = new("FILE|DIR")
    {
        Description = "Capture files, and folders of them (*.log.gz, *.log).",
        HelpName = "FILE|DIR",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly ValueOption<string?>? _url;

    private readonly ValueOption<string[]> _feeds = new("--feed", "FEED",
        "Only this feed: a TR ID or alias, case-insensitive. May be repeated.");
    private readonly ValueOption<string[]> _keys = new("--key", "KEY", "Only this key, e.g. 0001. May be repeated.");
    private readonly Option<CaptureTime?> _from;
    private readonly Option<CaptureTime?> _to;
    private readonly ChoiceOption<CaptureClock>? _by;
    private readonly CatalogOptions _catalog = new();

    public CaptureSelection(bool hasClock = false, bool hasGateway = false)
    {
        if (hasGateway)
        {
            _paths.Arity = ArgumentArity.ZeroOrMore;
            _url = new("--url", "http://…", "Read from the recording of this gateway instead; needs --feed and --key. The app key and "
                + "secret are those of 'kisfeed watch'.");
        }

        var time = hasClock ? "time" : "receive time";
        _from = CaptureTimeOption.Create(
            "--from",
            $"Start at this {time}: a time of day in Korea (09:00), a date, or a date and time (2026-11-20T09:00, 2026-11-20T00:00Z).");
        _to = CaptureTimeOption.Create("--to", $"End before this {time}, in the same forms.");
        _by = hasClock ? new("--by", "The time that --from and --to select by: exchange time (receive time for feeds "
            + "without one), or receive time.", CaptureClock.Exchange) : null;
    }

    public void AddTo(Command command)
    {
        _paths.RefuseOptions();
        _feeds.CompletionSources.CompleteFeeds("");
        Option[] other =
            [.. _url is null ? (Option[])[] : [_url], _feeds, _keys, _from, _to, .. _by is null ? (Option[])[] : [_by], .. _catalog.All];
        command.AddAll([_paths, .. other]);
        if (_url is not null)
            command.Validators.Add(Validate);
    }

    /// <summary>Opens the captures, and reports what is skipped.</summary>
    public CaptureReader OpenFiles(CommandHost host, ParseResult arguments, CancellationToken cancellationToken) =>
        ReadReport.WriteSkipped(
            host, CaptureReader.Open(arguments.GetRequiredValue(_paths), OptionsOf(host, arguments), cancellationToken));

    /// <summary>Opens the captures, or the part of a gateway's recording that the arguments select.</summary>
    public async Task<SelectedCapture> OpenAsync(CommandHost host, ParseResult arguments, CancellationToken cancellationToken)
    {
        if (_url is null || arguments.GetValue(_url) is not { } url)
            return new SelectedCapture(OpenFiles(host, arguments, cancellationToken), null);
        var options = OptionsOf(host, arguments);
        var download = await GatewayCapture.DownloadAsync(host, url, options.TrIds, Keys(arguments), Span(arguments), cancellationToken);
        return new SelectedCapture(CaptureReader.Open([download.Folder], options, cancellationToken), download);
    }

    private CaptureReaderOptions OptionsOf(CommandHost host, ParseResult arguments)
    {
        var catalog = _catalog.Read(host, arguments);
        var options = new CaptureReaderOptions
        {
            Catalog = catalog,
            From = _by is null ? arguments.GetValue(_from) : null,
            To = _by is null ? arguments.GetValue(_to) : null,
            TrIds =
                [.. (arguments.GetValue(_feeds) ?? []).Select(name => FeedNames.Find(catalog, name).TrId).Distinct(StringComparer.Ordinal)],
        };
        CaptureTimeOption.RejectEmptyRange(arguments.GetValue(_from), arguments.GetValue(_to));
        if (_by is not null && arguments.IsGiven(_by) && Span(arguments) is { From: null, To: null })
            throw new CommandException($"{_by.Name} needs --from or --to");
        return options;
    }

    /// <summary>Returns the selected times, by the clock of --by.</summary>
    public RecordSpan Span(ParseResult arguments) =>
        new()
        {
            From = arguments.GetValue(_from),
            To = arguments.GetValue(_to),
            By = _by?.Read(arguments) ?? CaptureClock.Receipt,
        };

    /// <summary>Returns the selected keys; empty for all.</summary>
    public string[] Keys(ParseResult arguments) => arguments.GetValue(_keys) ?? [];

    /// <summary>Returns the feeds that the captures may hold: the selected ones, or those in the headers of the files.</summary>
    public static FeedSchema[] FeedsOf(CaptureReader reader) =>
        [.. TrIdsOf(reader).Select(trId => reader.Options.Catalog.TryFind(trId, out var feed) ? feed : null).OfType<FeedSchema>()];

    /// <summary>Returns the selected TR IDs, or those in the headers of the files.</summary>
    public static string[] TrIdsOf(CaptureReader reader) =>
        reader.Options.TrIds.Count > 0
            ? [.. reader.Options.TrIds]
            : [.. reader.Files.Select(f => f.TrId).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private void Validate(System.CommandLine.Parsing.CommandResult result)
    {
        var hasPath = result.GetValue(_paths) is { Length: > 0 };
        if (result.GetValue(_url!) is null)
        {
            if (!hasPath)
                result.AddError("Required argument missing: give capture files or folders, or --url for the recording of a gateway.");
            return;
        }

        if (hasPath)
            result.AddError("--url reads from a gateway: leave out FILE|DIR.");
        else if (result.GetValue(_feeds) is not { Length: > 0 } || result.GetValue(_keys) is not { Length: > 0 })
            result.AddError("--url needs --feed and --key, e.g. --feed index --key 0001.");
    }
}

/// <summary>A capture to read.</summary>
/// <param name="Reader">Reads it.</param>
/// <param name="Download">The download that it is in; <see langword="null"/> if it is a capture of the user.</param>
internal sealed record SelectedCapture(CaptureReader Reader, GatewayCapture? Download) : IDisposable
{
    public void Dispose() => Download?.Dispose();
}
