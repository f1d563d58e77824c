using KisFeed.Tests.Feeds;
using KisFeed.Wire.Control;

namespace KisFeed.Tests.Wire;

/// <summary>The text of an object never contains its secrets.</summary>
public sealed class SecretTests
{
    private const string Key = "SECRETSECRETSECRETSECRETSECRET32";
    private const string Iv = "SECRETVECTOR-16!";

    [Fact]
    public void NoticeKey_IsNotPrinted()
    {
        using var key = NoticeKey.TryCreate(Encoding.ASCII.GetBytes(Key), Encoding.ASCII.GetBytes(Iv)).ShouldNotBeNull();
        key.ToString().ShouldBe("NoticeKey");
    }

    [Fact]
    public void BrokerReply_DoesNotPrintItsKey()
    {
        var reply = ControlMessage.TryParse(Decoding.Bytes("""{"header":{"tr_id":"H0IFCNI0","tr_key":"MYHTSID"}"""
            + ""","body":{"rt_cd":"0","msg_cd":"OPSP0000","msg1":"SUBSCRIBE """
            + $$$$$$"""SUCCESS","output":{"iv":"{{{{{{Iv}}}}}}","key":"{{{{{{Key}}}}}}"}}}"""), out _);

        var text = reply.ShouldBeOfType<BrokerReply>().ToString();
        text.ShouldNotContain("SECRET");
        text.ShouldNotContain("MYHTSID");
        text.ShouldContain("OPSP0000");
    }

    [Fact]
    public void Request_DoesNotPrintItsApprovalKeyOrHtsId()
    {
        var text = new Request("SECRET-APPROVAL", CustomerType.Person, RequestType.Register, "H0IFCNI0", "MYHTSID").ToString();
        text.ShouldBe("Request { Register H0IFCNI0 }");
    }

    [Fact]
    public void OrderNotice_DoesNotPrintTheAccount()
    {
        var text = Decoding.Record<OrderNotice>(OrderNotice.Feed.Schema, Samples.Of("H0IFCNI0")).ToString();
        text.ShouldNotContain("1234567803");
        text.ShouldNotContain("abcd1234");
        text.ShouldNotContain("위탁계좌");
        text.ShouldContain("0000001666");
    }

    [Fact]
    public void FrameError_DoesNotPrintContent()
    {
        var frame = Samples.Of("H0IFCNI0").Replace("0000000002", "SECRET", StringComparison.Ordinal);
        var error = Decoding.Error<OrderNotice>(OrderNotice.Feed.Schema, Decoding.Bytes(frame));
        error.ToString().ShouldNotContain("SECRET");
        error.ToString().ShouldStartWith("CNTG_QTY (체결 수량)");
    }
}
