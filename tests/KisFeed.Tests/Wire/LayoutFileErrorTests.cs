namespace KisFeed.Tests.Wire;

/// <summary>The error messages of invalid layout files.</summary>
public sealed class LayoutFileErrorTests
{
    [Theory]
    [InlineData("", "not JSON: ")]
    [InlineData("{", "not JSON: ")]
    [InlineData("[]", "expected an object with an array \"layouts\"")]
    [InlineData("{}", "expected an object with an array \"layouts\"")]
    [InlineData("""{"layouts":{}}""", "expected an object with an array \"layouts\"")]
    [InlineData("""{"layouts":[1]}""", "layouts[0]: expected an object")]
    [InlineData("""{"layouts":[{"append":["A"]}]}""", "layouts[0]: \"trId\" is missing")]
    [InlineData("""{"layouts":[{"trId":null,"append":["A"]}]}""", "layouts[0]: \"trId\" is missing")]
    [InlineData("""{"layouts":[{"trId":1,"append":["A"]}]}""", "layouts[0].trId: expected a string")]
    [InlineData("""{"layouts":[{"trId":"","append":["A"]}]}""", "layouts[0].trId: \"\" is not 1 to 16 letters and digits")]
    [InlineData("""{"layouts":[{"trId":"H0-UP","append":["A"]}]}""", "layouts[0].trId: \"H0-UP\" is not 1 to 16 letters and digits")]
    [InlineData("""{"layouts":[{"trId":"지수","append":["A"]}]}""", "layouts[0].trId: \"지수\" is not 1 to 16 letters and digits")]
    [InlineData(
        """{"layouts":[{"trId":"ABCDEFGHIJKLMNOPQ","append":["A"]}]}""",
        "layouts[0].trId: \"ABCDEFGHIJKLMNOPQ\" is not 1 to 16 letters and digits")]
    [InlineData("""{"layouts":[{"trId":"X","width":"31","append":["A"]}]}""", "layouts[0].width: expected a whole number")]
    [InlineData("""{"layouts":[{"trId":"X","width":1.5,"append":["A"]}]}""", "layouts[0].width: expected a whole number")]
    [InlineData(
        """{"layouts":[{"trId":"X"}]}""",
        "layouts[0]: expected either \"append\" (the new columns) or \"columns\" (every column in wire order)")]
    [InlineData(
        """{"layouts":[{"trId":"X","append":["A"],"columns":["A"]}]}""",
        "layouts[0]: expected either \"append\" (the new columns) or \"columns\" (every column in wire order)")]
    [InlineData("""{"layouts":[{"trId":"X","append":[]}]}""", "layouts[0].append: expected an array of at least one column")]
    [InlineData("""{"layouts":[{"trId":"X","columns":"A"}]}""", "layouts[0].columns: expected an array of at least one column")]
    [InlineData("""{"layouts":[{"trId":"X","append":["A","B","a"]}]}""", "layouts[0].append: A occurs twice")]
    [InlineData("""{"layouts":[{"trId":"X","width":3,"columns":["A","B"]}]}""", "layouts[0]: \"width\" is 3, but 2 columns are listed")]
    [InlineData(
        """{"layouts":[{"trId":"X","columns":["A",5]}]}""",
        "layouts[0].columns[1]: expected an element name or an object with \"element\"")]
    [InlineData(
        """{"layouts":[{"trId":"X","columns":["A",""]}]}""",
        "layouts[0].columns[1]: expected an element name or an object with \"element\"")]
    [InlineData("""{"layouts":[{"trId":"X","append":["A\u001b[31m"]}]}""", "layouts[0].append[0]: \"A\uFFFD[31m\" is not a valid name: "
        + "use 1 to 60 letters, digits, _, -, . or blanks, with a letter or _ at the beginning")]
    [InlineData("""{"layouts":[{"trId":"X","append":["A\"; DROP TABLE x"]}]}""", "layouts[0].append[0]: \"A\"; DROP TABLE x\" is not a "
        + "valid name: use 1 to 60 letters, digits, _, -, . or blanks, with a letter or _ at the beginning")]
    [InlineData("""{"layouts":[{"trId":"X","append":["=1+1"]}]}""", "layouts[0].append[0]: \"=1+1\" is not a valid name: use 1 to 60 "
        + "letters, digits, _, -, . or blanks, with a letter or _ at the beginning")]
    [InlineData("""{"layouts":[{"trId":"X","append":[{"element":"A","name":""}]}]}""", "layouts[0].append[0].name: \"\" is not a valid "
        + "name: use 1 to 60 letters, digits, _, -, . or blanks, with a letter or _ at the beginning")]
    [InlineData("""{"layouts":[{"trId":"X","append":[{"element":"A","name":"a\nb"}]}]}""", "layouts[0].append[0].name: \"a b\" is not a "
        + "valid name: use 1 to 60 letters, digits, _, -, . or blanks, with a letter or _ at the beginning")]
    [InlineData(
        """{"layouts":[{"trId":"X","append":[{"element":"A","korean":"가\u202e나"}]}]}""",
        "layouts[0].append[0].korean: \"가\uFFFD나\" has control characters: use printable ones only")]
    [InlineData(
        """{"layouts":[{"trId":"X","append":[{"element":"A","unit":"\u0007"}]}]}""",
        "layouts[0].append[0].unit: \"\uFFFD\" has control characters: use printable ones only")]
    [InlineData("""{"layouts":[{"trId":"X","columns":[{"name":"A"}]}]}""", "layouts[0].columns[0]: \"element\" is missing")]
    [InlineData("""{"layouts":[{"trId":"X","columns":[{"element":""}]}]}""", "layouts[0].columns[0]: \"element\" is missing")]
    [InlineData("""{"layouts":[{"trId":"X","columns":[{"element":7}]}]}""", "layouts[0].columns[0].element: expected a string")]
    [InlineData("""{"layouts":[{"trId":"X","columns":[{"element":"A","korean":7}]}]}""", "layouts[0].columns[0].korean: expected a string")]
    [InlineData(
        """{"layouts":[{"trId":"X","columns":[{"element":"A","type":"float"}]}]}""",
        "layouts[0].columns[0].type: \"float\" is none of text, integer, decimal, time, date, code")]
    public void Parse_Rejects(string text, string message)
    {
        var e = Should.Throw<LayoutFileException>(() => LayoutFile.Parse(Decoding.Bytes(text)));
        if (message.EndsWith(": ", StringComparison.Ordinal))
            e.Message.ShouldStartWith(message);
        else
            e.Message.ShouldBe(message);
    }

    [Theory]
    [InlineData(
        """{"layouts":[{"trId":"H0STPGM0","append":["A"]},{"trId":"H0STPGM0","append":["mksc_shrn_iscd"]}]}""",
        "layouts[1]: H0STPGM0 has mksc_shrn_iscd already; to move it, list every column under \"columns\"")]
    [InlineData(
        """{"layouts":[{"trId":"H0STPGM0","width":13,"append":["A"]}]}""",
        "layouts[0]: H0STPGM0 has 11 columns, with 1 appended the width is 12, not 13")]
    [InlineData(
        """{"layouts":[{"trId":"H0NEW000","append":["A"]}]}""",
        "layouts[0]: nothing is known of H0NEW000, so \"append\" has nothing to append to; list every column under \"columns\"")]
    [InlineData(
        """{"layouts":[{"trId":"H0STPGM0","columns":["SELN_CNQN","NEW"]}]}""",
        "layouts[0].columns: mksc_shrn_iscd is missing, the key that identifies records")]
    [InlineData(
        """{"layouts":[{"trId":"H0STPGM0","append":[{"element":"A","name":"SellVolume"}]}]}""",
        "layouts[0].append: two columns would be called sellVolume; give A another \"name\"")]
    [InlineData(
        """{"layouts":[{"trId":"H0STPGM0","append":["netValue"]}]}""",
        "layouts[0].append: two columns would be called netValue; give netValue another \"name\"")]
    [InlineData(
        """{"layouts":[{"trId":"H0STPGM0","append":[{"element":"A","name":"x"},{"element":"B","name":"X"}]}]}""",
        "layouts[0].append: two columns would be called x; give B another \"name\"")]
    [InlineData(
        """{"layouts":[{"trId":"H0STPGM0","append":[{"element":"A","name":"TrId"}]}]}""",
        "layouts[0].append: two columns would be called trId; give A another \"name\"")]
    [InlineData(
        """{"layouts":[{"trId":"H0STPGM0","append":["extra"]}]}""",
        "layouts[0].append: extra cannot be the name of a column: JSON and CSV use it for something else")]
    [InlineData(
        """{"layouts":[{"trId":"H0STPGM0","append":[{"element":"tr_id","name":"Id"}]}]}""",
        "layouts[0].append: tr_id cannot be the name of a column: JSON and CSV use it for something else")]
    [InlineData(
        """{"layouts":[{"trId":"X","columns":["A","received_at"]}]}""",
        "layouts[0].columns: received_at cannot be the name of a column: JSON and CSV use it for something else")]
    [InlineData(
        """{"layouts":[{"trId":"X","columns":["A",{"element":"B","name":"ExchangeTime"}]}]}""",
        "layouts[0].columns: two columns would be called exchangeTime; give B another \"name\"")]
    [InlineData(
        """{"layouts":[{"trId":"H0NEW000","columns":["a",{"element":"B","name":"a"}]}]}""",
        "layouts[0].columns: two columns would be called a; give B another \"name\"")]
    public void WithLayouts_Rejects(string text, string message)
    {
        var file = LayoutFile.Parse(Decoding.Bytes(text));
        Should.Throw<LayoutFileException>(() => KisFeeds.Catalog.WithLayouts(file)).Message.ShouldBe(message);
    }

    [Theory]
    [InlineData("append", 502, "layouts[0]: a layout must have 1 to 512 columns, not 513")]
    [InlineData("columns", 513, "layouts[0]: a layout must have 1 to 512 columns, not 513")]
    public void TooManyColumns_AreRejected(string part, int count, string message)
    {
        var columns = string.Join(
            ',', Enumerable.Range(0, count).Select(i => i == 0 && part == "columns" ? "\"MKSC_SHRN_ISCD\"" : $"\"C{i}\""));
        var text = $$"""{"layouts":[{"trId":"H0STPGM0","{{part}}":[{{columns}}]}]}""";
        Should.Throw<LayoutFileException>(() => KisFeeds.Catalog.WithLayouts(LayoutFile.Parse(Decoding.Bytes(text)))).Message
            .ShouldBe(message);
    }

    [Theory]
    [InlineData("""{"layouts":[{"trId":"X","columns":["?"]}]}""")]
    [InlineData("""{"layouts":[{"trId":"?","columns":["A"]}]}""")]
    [InlineData("""{"layouts":[{"trId":"X","columns":["\ud800"]}]}""")]
    public void TextThatIsNotUnicode_IsRejected(string text)
    {
        var bytes = Decoding.Bytes(text);
        var invalidIndex = Array.IndexOf(bytes, (byte)'?');
        if (invalidIndex >= 0)
            bytes[invalidIndex] = 0xFF;
        Should.Throw<LayoutFileException>(() => KisFeeds.Catalog.WithLayouts(LayoutFile.Parse(bytes))).Message
            .ShouldStartWith("not JSON: ");
    }

    [Fact]
    public void Load_NamesTheFile()
    {
        var missing = Path.Combine(Path.GetTempPath(), $"kisfeed-{Guid.NewGuid():N}.json");
        Should.Throw<LayoutFileException>(() => LayoutFile.Load(missing)).Message
            .ShouldStartWith($"the layout file {missing} cannot be read: ");
        Should.Throw<LayoutFileException>(() => LayoutFile.Load(Path.GetTempPath())).Message.ShouldContain("cannot be read");
        try
        {
            File.WriteAllBytes(missing, Encoding.UTF8.GetBytes("{}"));
            Should.Throw<LayoutFileException>(() => LayoutFile.Load(missing)).Message
                .ShouldBe($"{missing}: expected an object with an array \"layouts\"");
        }
        finally
        {
            File.Delete(missing);
        }
    }

    [Fact]
    public void LayoutsInCode_AreValidatedToo()
    {
        var columns = ProgramTrade.Columns;
        Should.Throw<ArgumentException>(() => FeedLayout.Of(columns, []));
        Should.Throw<ArgumentException>(() => FeedLayout.Of(columns, [columns[0], columns[1] with { Element = "mksc_shrn_iscd" }])).Message
            .ShouldContain("twice");
        Should.Throw<ArgumentException>(() => FeedLayout.Sequential(513));
        Should.Throw<ArgumentException>(() => ProgramTrade.Krx.Schema with { Layouts = [] });
        Should.Throw<ArgumentException>(
            () => ProgramTrade.Krx.Schema with { Layouts = [FeedLayout.Sequential(11), FeedLayout.Sequential(11)] });
        Should.Throw<ArgumentException>(() => new FeedCatalog([ProgramTrade.Krx.Schema, ProgramTrade.Krx.Schema]));
        Should.Throw<ArgumentException>(() => new FeedCatalog([ProgramTrade.Krx.Schema with { Layouts = [FeedLayout.Sequential(10)] }]));
    }
}
