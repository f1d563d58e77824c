using KisFeed.Cli.Decoding;
using KisFeed.Wire.Control;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed decode</c>: decodes raw frames into JSON.</summary>
internal sealed class DecodeCommand : KisFeedCommand
{
    private const string StandardInput = "-";

    private readonly Argument<string> _file = new("FILE")
    {
        Description = UiText.Of(
            "Raw frames, one per line, in UTF-8 or UTF-16, or a capture, compressed or not; blank lines and lines that begin with # are "
                + "skipped. - is standard input.",
            "한 줄에 하나씩 원본 프레임이 있는 파일(UTF-8, UTF-16), 또는 기록 파일(압축 여부 무관). 빈 줄과 #으로 시작하는 줄은 건너뜁니다. -는 표준 입력."),
        DefaultValueFactory = _ => StandardInput,
    };

    private readonly ChoiceOption<NameStyle> _names = CommonOptions.Names();
    private readonly CatalogOptions _catalog = new();

    private readonly ValueOption<string?> _key = new("--key", "KEY",
        UiText.Of(
            "The key of encrypted frames: the 32 characters from the acknowledgement of their registration.",
            "암호화된 프레임의 키: 등록 응답에 있는 32자."));

    private readonly ValueOption<string?> _iv = new("--iv", "IV", UiText.Of(
        "The IV that came with the key, 16 characters.",
        "키와 함께 온 IV, 16자."));

    public DecodeCommand(CommandHost host)
        : base(host, "decode",
            UiText.Of(
                "Decode raw frames into JSON, one object per record; undecodable data becomes {\"error\":…,\"line\":…,\"raw\":…} in its "
                    + "place.",
                "원본 프레임을 JSON으로 해독, 레코드마다 객체 하나. 해독할 수 없는 데이터는 그 자리에 {\"error\":…,\"line\":…,\"raw\":…}로 나옵니다."))
    {
        _file.RefuseOptions();
        this.AddAll([_file, _names, _key, _iv, .. _catalog.All]);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed decode frames.txt", UiText.Of("every record of a file", "파일의 모든 레코드")),
        ("kisfeed decode --names kis < frames.txt | jq .prpr_nmix", UiText.Of("one column, under the broker's name", "컬럼 하나를 증권사의 이름으로")),
        ("kisfeed decode --key abcdefghijklmnopabcdefghijklmnop --iv 0123456789abcdef notices.txt", UiText.Of(
            "encrypted order notices",
            "암호화된 주문 통보")),
        ("kisfeed decode capture/2026-11-20/H0UPCNT0-090000.log.gz", UiText.Of("the frames of a capture file", "기록 파일의 프레임")),
        ("kisfeed decode --layouts new-columns.json frames.txt", UiText.Of(
            "with names for columns that the broker has appended",
            "증권사가 덧붙인 컬럼에 이름을 붙여서")),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.MalformedData, UiText.Of(
            "a line or a record could not be decoded; all others were decoded",
            "해독하지 못한 줄이나 레코드가 있음. 나머지는 모두 해독했음")),
        (ExitCode.Interrupted, UiText.Of("interrupted", "중단됨")),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var records = new FrameRecords(_catalog.Read(Host, arguments), new RecordWarnings(Host.Error));
        using var cipher = CreateCipher(arguments.GetValue(_key), arguments.GetValue(_iv));
        await using var input = Open(arguments.GetRequiredValue(_file));
        var output = new LineBuffer(Host.DataOutput);
        var decoder = new FrameLineDecoder(records, _names.Read(arguments), cipher, output);
        using var progress = new Progress(Host, () => UiText.Of(
            $"{decoder.Records:N0} records decoded, {decoder.Errors:N0} errors",
            $"레코드 {decoder.Records:N0}건 해독, 오류 {decoder.Errors:N0}건"));

        try
        {
            await using var text = await InputText.OpenAsync(input, cancellationToken);
            await new LineReader(text).ReadAsync(decoder, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            await Host.Error.WriteLineAsync(
                UiText.Of(
                    $"kisfeed: the input is damaged after {decoder.Records:N0} records: {e.Message}; 'kisfeed inspect' checks a capture",
                    $"kisfeed: 레코드 {decoder.Records:N0}건 다음에서 입력이 손상되었습니다: {e.Message}. 기록은 'kisfeed inspect'로 검사하세요"));
            return ExitCode.MalformedData;
        }

        return decoder.Errors == 0 ? ExitCode.Success : ExitCode.MalformedData;
    }

    private static NoticeCipher? CreateCipher(string? key, string? iv)
    {
        if (key is null && iv is null)
            return null;
        if (key is null || iv is null)
        {
            throw new CommandException(UiText.Of(
                $"--key and --iv must be used together: {(key is null ? "--key" : "--iv")} is missing",
                $"--key와 --iv는 함께 써야 합니다. {(key is null ? "--key" : "--iv")} 옵션이 없습니다"));
        }
        var noticeKey = NoticeKey.TryCreate(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(iv))
            ?? throw new CommandException(
                UiText.Of(
                    $"--key must have {NoticeKey.KeyLength} characters and --iv {NoticeKey.IvLength}, as in the acknowledgement",
                    $"등록 응답에 있는 대로 --key는 {NoticeKey.KeyLength}자, --iv는 {NoticeKey.IvLength}자여야 합니다"));
        return new NoticeCipher(noticeKey);
    }

    private Stream Open(string file)
    {
        if (file == StandardInput)
        {
            if (Host.InputIsTerminal)
            {
                Host.Error.WriteLine(UiText.Of(
                    "Type or paste raw frames, one per line; Ctrl-D (Windows: Ctrl-Z) ends the input.",
                    "원본 프레임을 한 줄에 하나씩 입력하거나 붙여 넣으세요. 끝내려면 Ctrl-D(Windows는 Ctrl-Z)를 누르세요."));
            }
            return Host.Input;
        }

        try
        {
            return new FileStream(
                file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0,
                FileOptions.SequentialScan | FileOptions.Asynchronous);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(UiText.Of($"{file} cannot be read: {e.Message}", $"{file} 파일을 읽을 수 없습니다: {e.Message}"), e);
        }
    }
}
