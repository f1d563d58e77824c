using KisFeed.Cli.Ticks;

namespace KisFeed.Cli.Tests.Commands;

public sealed class FeedsTests
{
    [Fact]
    public async Task All_feeds_are_listed_with_their_keys()
    {
        var run = await CommandRun.OfAsync("feeds");

        run.ExitCode.ShouldBe(ExitCode.Success);
        foreach (var feed in KisFeeds.Catalog.Feeds)
        {
            run.Lines.ShouldContain(
                line => line.Contains(feed.TrId) && line.Contains(feed.Korean) && line.Contains($" {feed.Alias}:{feed.KeyExample}"));
        }
        run.Lines.ShouldAllBe(line => line == line.TrimEnd());
        run.Output.ShouldNotContain("\e");
    }

    [Fact]
    public async Task All_feeds_are_listed_as_JSON()
    {
        var list = JsonSerializer.Deserialize<JsonElement>((await CommandRun.OfAsync("feeds", "--format", "json")).Output);

        list.EnumerateArray().Select(f => f.GetProperty("trId").GetString()).ShouldBe(KisFeeds.Catalog.Feeds.Select(f => f.TrId));
        var notice = list.EnumerateArray().Single(f => f.GetProperty("alias").GetString() == "notice");
        notice.ToString().ShouldContain("선물옵션 실시간체결통보");
        notice.GetProperty("mockTrId").GetString().ShouldBe("H0IFCNI9");
        notice.GetProperty("isNotice").GetBoolean().ShouldBeTrue();
        notice.GetProperty("keyElement").GetString().ShouldBe("CUST_ID");
    }

    [Theory]
    [InlineData("H0IFCNI0")]
    [InlineData("h0ifcni0")]
    [InlineData("Notice")]
    public async Task A_feeds_columns_are_shown_by_TR_ID_or_alias_in_any_case(string name)
    {
        var run = await CommandRun.OfAsync("feeds", name);

        var row = run.Lines.Single(line => line.Contains("SELN_BYOV_CLS"));
        row.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .ShouldBe(["5", "SELN_BYOV_CLS", "매도매수구분", "side", "code", "01 sell 매도, 02 buy 매수"]);
        run.Lines.Count(line => line.Contains("contracts")).ShouldBe(2);
        run.Lines.Single(line => line.Contains("STCK_CNTG_HOUR"))
            .Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .ShouldBe(["11", "STCK_CNTG_HOUR", "주식 체결 시간", "time", "time", "time"]);
    }

    [Fact]
    public async Task On_a_narrow_terminal_every_column_stays_on_its_line()
    {
        await using var output = new MemoryStream();
        var host = new CommandHost { Input = Stream.Null, Output = output, Error = TextWriter.Null, OutputIsTerminal = true };

        (await CommandLine.RunAsync(["feeds", "index"], host, CancellationToken.None)).ShouldBe(ExitCode.Success);

        var lines = Encoding.UTF8.GetString(output.ToArray()).Split('\n');
        lines[0].ShouldBe("H0UPCNT0  국내지수 실시간체결");
        foreach (var column in IndexTrade.Feed.Schema.Columns)
        {
            lines.ShouldContain(
                line => line.Contains($" {column.Element} ") && line.Contains(column.Korean) && line.Contains(column.JsonName));
        }
        lines.ShouldContain(line => line.Contains(" prdy_vrss_sign ")
            && line.EndsWith("1 upperLimit 상한, 2 up 상승, 3 unchanged 보합, 4 lowerLimit 하한, 5 down 하락"));
    }

    [Fact]
    public async Task On_a_terminal_of_80_columns_the_list_of_feeds_does_not_wrap()
    {
        await using var output = new MemoryStream();
        var host = new CommandHost { Input = Stream.Null, Output = output, Error = TextWriter.Null, OutputIsTerminal = true };

        (await CommandLine.RunAsync(["feeds"], host, CancellationToken.None)).ShouldBe(ExitCode.Success);

        var lines = Encoding.UTF8.GetString(output.ToArray()).Split('\n');
        lines.Max(CellWidth.Of).ShouldBeLessThanOrEqualTo(80);
        foreach (var feed in KisFeeds.Catalog.Feeds)
            lines.ShouldContain(line => line.Contains(feed.TrId) && line.Contains(feed.Alias) && line.Contains(feed.Korean));
    }

    [Fact]
    public async Task A_text_that_no_feed_has_in_its_name_is_not_called_a_feed()
    {
        var run = await CommandRun.OfAsync("feeds", "체결강도");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldStartWith("kisfeed: no feed has '체결강도' in its name. Search with part of a Korean or English name");
    }

    [Fact]
    public async Task A_feeds_columns_are_written_as_JSON_in_the_order_of_the_document()
    {
        var feed = JsonSerializer.Deserialize<JsonElement>((await CommandRun.OfAsync("feeds", "index", "--format", "json")).Output);

        feed.GetProperty("columns").EnumerateArray().Select(c => c.GetProperty("element").GetString())
            .ShouldBe(IndexTrade.Feed.Schema.Columns.Select(c => c.Element));
        feed.GetProperty("columns")[2].GetRawText().ReplaceLineEndings("").Replace("  ", "").ShouldBe(
            """{"element": "prpr_nmix","korean": "현재가 지수","english": "price","type": "decimal","unit": "points","role": "price"}""");
        feed.GetProperty("columns")[5].GetProperty("role").GetString().ShouldBe("cumulativeVolume");
        feed.GetProperty("columns")[3].GetProperty("role").ValueKind.ShouldBe(JsonValueKind.Null);
        feed.GetProperty("columns")[3].GetProperty("codes").GetProperty("5").GetString().ShouldBe("down");
    }

    [Fact]
    public async Task Columns_of_a_layout_file_are_shown_with_their_width()
    {
        using var layouts = new TemporaryFile(
            """{"layouts":[{"trId":"H0UPCNT0","append":[{"element":"MARKET_CLS_CODE","korean":"장구분"}]}]}""");

        (await CommandRun.OfAsync("feeds", "index", "--layouts", layouts.Path)).Lines
            .ShouldContain(line => line.Contains("31/31") && line.Contains("MARKET_CLS_CODE"));
        var json = JsonSerializer.Deserialize<JsonElement>(
            (await CommandRun.OfAsync("feeds", "index", "--layouts", layouts.Path, "--format", "json")).Output);
        json.GetProperty("widths").ToString().ReplaceLineEndings("").Replace(" ", "").ShouldBe("[30,31]");
        json.GetProperty("layouts")[1].GetProperty("extra")[0].GetProperty("korean").GetString().ShouldBe("장구분");
    }

    [Fact]
    public async Task A_feeds_table_is_written_as_SQL_with_English_names()
    {
        var run = await CommandRun.OfAsync("feeds", "bond", "--format", "sql");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Output.ShouldStartWith("""
            -- H0BJCNT0 일반채권 실시간체결가
            -- \copy h0bjcnt0 FROM 'H0BJCNT0.csv' WITH (FORMAT csv, HEADER true)
            CREATE TABLE h0bjcnt0 (
                received_at        timestamptz NOT NULL,
                exchange_time      timestamptz,
                feed               text NOT NULL,
                key                text NOT NULL,
                frame              integer NOT NULL,
                record             integer NOT NULL,
                code               text,
                name               text,
                time               time,
                sign               text,
                change             numeric,
                change_rate        numeric,
                price              numeric,
                volume             bigint,
                open               numeric,
                high               numeric,
                low                numeric,
                previous_close     numeric,
                yield              numeric,
                open_yield         numeric,
                high_yield         numeric,
                low_yield          numeric,
                accumulated_volume bigint,
                previous_volume    bigint,
                trade_type         text,
                extra              text,
                PRIMARY KEY (received_at, frame, record)
            );
            COMMENT ON TABLE h0bjcnt0 IS '일반채권 실시간체결가';

            """.ReplaceLineEndings("\n"));
        run.Output.ShouldContain("\nCOMMENT ON COLUMN h0bjcnt0.price IS '현재가 (STCK_PRPR), KRW per 10,000 face';\n");
    }

    [Fact]
    public async Task The_brokers_names_are_lower_case_in_SQL()
    {
        var run = await CommandRun.OfAsync("feeds", "bond", "--format", "sql", "--names", "kis");

        run.Output.ShouldContain("\n    stck_prpr          numeric,\n");
        run.Output.ShouldContain("\n    received_at        timestamptz NOT NULL,\n");
    }

    [Fact]
    public async Task Columns_of_layout_files_are_in_SQL_in_the_order_of_the_export_and_only_once()
    {
        using var layouts = new TemporaryFile("""{"layouts":[{"trId":"H0UPCNT0","append":["MARKET_CLS_CODE","""
            + """{"element":"LIM","name":"Limit","type":"integer"},{"element":"PRICE","type":"time","korean":"그의'것"},"장구분"]}]}""");

        var run = await CommandRun.OfAsync("feeds", "index", "--format", "sql", "--layouts", layouts.Path);

        run.Output.ReplaceLineEndings("\n").ShouldContain("""
                tick_difference    numeric,
                market_cls_code    text,
                "limit"            bigint,
                price_2            time,
                "장구분"              text,
                extra              text,
                PRIMARY KEY (received_at, frame, record)
            );
            """.ReplaceLineEndings("\n"));
        run.Output.ShouldContain("\nCOMMENT ON COLUMN h0upcnt0.price_2 IS '그의''것 (PRICE)';\n");
    }

    [Fact]
    public async Task Without_a_feed_SQL_has_a_table_for_each()
    {
        var run = await CommandRun.OfAsync("feeds", "--format", "sql");

        run.Lines.Count(l => l.StartsWith("CREATE TABLE ", StringComparison.Ordinal)).ShouldBe(KisFeeds.Catalog.Feeds.Length);
    }

    [Fact]
    public async Task An_unknown_feed_is_refused()
    {
        var run = await CommandRun.OfAsync("feeds", "H0XXXXX0");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldStartWith("kisfeed: no feed has 'H0XXXXX0' in its name. ");
        run.Output.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("호가", "H0STASP0 H0NXASP0 HDFSASP0", "H0STCNT0")]
    [InlineData("order book", "H0STASP0 H0BJASP0", "H0STCNT0")]
    [InlineData("실시간 예상체결", "H0STANC0 H0UPANC0", "H0STASP0")]
    [InlineData("overseas", "HDFSCNT0 HDFFF010", "H0STCNT0")]
    public async Task Feeds_are_found_by_Korean_or_English_name(string text, string found, string other)
    {
        var run = await CommandRun.OfAsync("feeds", text, "--format", "json");

        run.ExitCode.ShouldBe(ExitCode.Success);
        using var feeds = JsonDocument.Parse(run.Output);
        var trIds = feeds.RootElement.EnumerateArray().Select(feed => feed.GetProperty("trId").GetString()!).ToArray();
        found.Split(' ').Except(trIds, StringComparer.Ordinal).ShouldBeEmpty();
        trIds.ShouldNotContain(trId => trId == other);
    }

    [Fact]
    public async Task Feeds_are_listed_by_market()
    {
        var run = await CommandRun.OfAsync("feeds");

        var markets = run.Lines.Select(line => line.Trim().Split(' ')[0])
            .Where(word => word is "stocks" or "indices" or "bonds" or "overseas" or "notices")
            .ToArray();
        markets.Distinct(StringComparer.Ordinal).ShouldBe(["stocks", "indices", "bonds", "overseas", "notices"]);
        run.Lines.Count(line => line.Contains("trade", StringComparison.Ordinal)).ShouldBeGreaterThan(2);
    }
}
