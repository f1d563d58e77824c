using System.Collections.Immutable;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed feeds</c>: lists the feeds, or the columns of one feed.</summary>
internal sealed class FeedsCommand : KisFeedCommand
{
    private readonly Argument<string?> _feed = new("FEED")
    {
        Description = UiText.Of(
            "A TR ID or an alias, case-insensitive: show the columns of this feed. Any other text: list the feeds with it in their "
                + "Korean or English name.",
            "TR ID나 별칭(대소문자 무관)이면 그 피드의 컬럼을, 다른 말이면 한글 이름이나 영어 이름에 그 말이 있는 피드를 보여 줍니다."),
        HelpName = "TR_ID|TEXT",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> _format = CommonOptions.Format(
        UiText.Of(
            "A table; JSON; or SQL, the PostgreSQL table for the CSV of 'kisfeed export'.",
            "표, JSON, 또는 SQL('kisfeed export'의 CSV를 넣을 PostgreSQL 테이블)."), "table", "json", "sql");

    private readonly ChoiceOption<NameStyle> _names = new(
        "--names", UiText.Of(
            "The column names in SQL: English, or as in the broker's documents.",
            "SQL의 컬럼 이름: 영어, 또는 증권사 문서의 이름."), NameStyle.English);
    private readonly Option<string?> _layouts = CommonOptions.Layouts();

    public FeedsCommand(CommandHost host)
        : base(host, "feeds", UiText.Of(
            "List the feeds by market, find some by name, or show the columns of one: element, Korean name, English name, type, unit, "
                + "role, codes.",
            "시장별 피드 목록, 이름으로 찾기, 또는 피드 하나의 컬럼 보기: 항목, 한글 이름, 영어 이름, 타입, 단위, 역할, 코드."))
    {
        _feed.RefuseOptions();
        _feed.CompletionSources.CompleteFeeds("");
        this.AddAll(_feed, _format, _names, _layouts);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed feeds", UiText.Of("all feeds", "모든 피드")),
        ("kisfeed feeds 호가", UiText.Of("the feeds with this in their Korean or English name: order books", "이름에 '호가'가 있는 피드")),
        ("kisfeed feeds H0UPCNT0", UiText.Of(
            "one feed's columns; 'kisfeed feeds index' is the same",
            "피드 하나의 컬럼. 'kisfeed feeds index'도 같습니다")),
        ("kisfeed feeds bond --format json", UiText.Of("the same for programs", "같은 것을 프로그램용으로")),
        ("kisfeed feeds H0UPCNT0 --format sql | psql market", UiText.Of(
            "a table for the output of 'kisfeed export --feed H0UPCNT0'",
            "'kisfeed export --feed H0UPCNT0'의 출력을 넣을 테이블")),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var (one, feeds) = Select(arguments.GetCatalog(_layouts), arguments.GetValue(_feed));
        await Host.WriteAsync(
            arguments.GetValue(_format) switch
            {
                "json" => JsonOf(one, feeds),
                "sql" => string.Join('\n', feeds.Select(feed => FeedSql.Write(feed, _names.Read(arguments)))),
                _ => TableOf(one, feeds),
            },
            cancellationToken);
        return ExitCode.Success;
    }

    // One feed if it is named; otherwise the list of those that were looked for.
    private static (FeedSchema? One, ImmutableArray<FeedSchema> Feeds) Select(FeedCatalog catalog, string? name)
    {
        if (name is null)
            return (null, catalog.Feeds);
        if (catalog.TryFind(name, out var feed))
            return (feed, [feed]);
        var found = catalog.Search(name);
        return found.IsEmpty ? throw FeedNames.NotFound(name) : (null, found);
    }

    private static string JsonOf(FeedSchema? one, ImmutableArray<FeedSchema> feeds) => Json.Document(json =>
    {
        if (one is not null)
            FeedJson.Write(json, one);
        else
            FeedJson.Write(json, feeds);
    });

    private string TableOf(FeedSchema? one, ImmutableArray<FeedSchema> feeds)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        if (one is not null)
            text.WriteLine($"{one.TrId}  {one.Korean}".TrimEnd());
        var table = one is not null
            ? FeedTables.Draw(one)
            : FeedTables.Draw(feeds, Host.OutputIsTerminal ? Host.TerminalSize().Columns : int.MaxValue);
        table.WriteTo(text, Host);
        return text.ToString();
    }
}
