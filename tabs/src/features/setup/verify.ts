/**
 * The page a link in a mail opens. It proves nothing by itself, so that programs which look at
 * links use none up: it keeps the token in this browser's tab and goes on to the set-up, where its
 * reader signs in and confirms.
 */
import { keepLink, linkOf, setupAddress } from "./mailLink";

const link = linkOf(location.search, location.hash);
if (link) keepLink(sessionStorage, link);
location.replace(setupAddress(link?.organization ?? null));
