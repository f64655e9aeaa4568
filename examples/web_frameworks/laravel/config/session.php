<?php

// There is no session; cookies take these.
return ['path' => '/', 'domain' => null, 'secure' => false, 'same_site' => 'lax'];
