using KisFeed.Capture;

namespace KisFeed.Cli.Captures;

/// <summary>The arguments that select captures, feeds, keys and times: the same in all commands that read captures.</summary>
internal sealed class CaptureSelection
{
    private readonly Argument<string[]> _paths = new("FILE|DIR")
    {
        Description = UiText.Of("Capture files, and folders of them (*.log.gz, *.log).", "기록 파일(*.log.gz, *.log), 또는 기록 파일이 있는 폴더."),
        HelpName = "FILE|DIR",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly ValueOption<string?>? _url;

    private readonly ValueOption<string[]> _feeds = new("--feed", "FEED",
        UiText.Of("Only this feed: a TR ID or alias, case-insensitive. May be repeated.", "이 피드만: TR ID나 별칭(대소문자 무관). 여러 번 쓸 수 있습니다."));
    private readonly ValueOption<string[]> _keys = new("--key", "KEY", UiText.Of(
        "Only this key, e.g. 0001. May be repeated.",
        "이 키만. 예: 0001. 여러 번 쓸 수 있습니다."));
    private readonly Option<CaptureTime?> _from;
    private readonly Option<CaptureTime?> _to;
    private readonly ChoiceOption<CaptureClock>? _by;
    private readonly CatalogOptions _catalog = new();

    public CaptureSelection(bool hasClock = false, bool hasGateway = false)
    {
        if (hasGateway)
        {
            _paths.Arity = ArgumentArity.ZeroOrMore;
            _url = new("--url", "http://…", UiText.Of(
                "Read from the recording of this gateway instead; needs --feed and --key. The app key and secret are those of 'kisfeed "
                    + "watch'.",
                "파일 대신 이 게이트웨이의 기록에서 읽음. --feed와 --key가 필요합니다. 앱키와 시크릿은 'kisfeed watch'와 같습니다."));
        }

        var time = hasClock ? UiText.Of("time", "시각") : UiText.Of("receive time", "수신 시각");
        _from = CaptureTimeOption.Create(
            "--from",
            UiText.Of(
                $"Start at this {time}: a time of day in Korea (09:00), a date, or a date and time (2026-11-20T09:00, 2026-11-20T00:00Z).",
                $"이 {time}부터: 한국 시각(09:00), 날짜, 또는 날짜와 시각(2026-11-20T09:00, 2026-11-20T00:00Z)."));
        _to = CaptureTimeOption.Create("--to", UiText.Of(
            $"End before this {time}, in the same forms.",
            $"이 {time} 전까지. 형식은 --from과 같습니다."));
        _by = hasClock ? new("--by", UiText.Of(
            "The time that --from and --to select by: exchange time (receive time for feeds without one), or receive time.",
            "--from과 --to의 기준: 거래소 시각(없는 피드는 수신 시각), 또는 수신 시각."), CaptureClock.Exchange) : null;
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
            throw new CommandException(UiText.Of($"{_by.Name} needs --from or --to", $"{_by.Name}: --from이나 --to가 필요합니다"));
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
            {
                result.AddError(UiText.Of(
                    "Required argument missing: give capture files or folders, or --url for the recording of a gateway.",
                    "인수가 없습니다. 기록 파일이나 폴더를 쓰거나, 게이트웨이의 기록이면 --url을 쓰세요."));
            }
            return;
        }

        if (hasPath)
        {
            result.AddError(UiText.Of("--url reads from a gateway: leave out FILE|DIR.", "--url은 게이트웨이에서 읽습니다. FILE|DIR을 빼세요."));
        }
        else if (result.GetValue(_feeds) is not { Length: > 0 } || result.GetValue(_keys) is not { Length: > 0 })
        {
            result.AddError(UiText.Of(
                "--url needs --feed and --key, e.g. --feed index --key 0001.",
                "--url에는 --feed와 --key가 필요합니다. 예: --feed index --key 0001."));
        }
    }
}

/// <summary>A capture to read.</summary>
/// <param name="Reader">Reads it.</param>
/// <param name="Download">The download that it is in; <see langword="null"/> if it is a capture of the user.</param>
internal sealed record SelectedCapture(CaptureReader Reader, GatewayCapture? Download) : IDisposable
{
    public void Dispose() => Download?.Dispose();
}
